// SPDX-License-Identifier: Apache-2.0

// shop.go: commits what Go's race detector reports. The logs of tests/golden/log_go were made with it, by Go 1.19:
//
//	go build -race -trimpath && GORACE="log_path=log atexit_sleep_ms=0" ./shop MISTAKE...
package main

import (
	"os"
	"sync"
	"sync/atomic"
	"time"
)

type Cart struct {
	total int
	items map[string]int
}

func (c *Cart) add(price int) { c.total += price }

var stock int64

// Both lets two goroutines do their parts, one after the other, which nothing but the clock knows.
func both(first, second func()) {
	var done sync.WaitGroup
	done.Add(2)
	go func() { defer done.Done(); first() }()
	go func() { defer done.Done(); time.Sleep(50 * time.Millisecond); second() }()
	done.Wait()
}

var mistakes = map[string]func(){
	"main": func() {
		c := &Cart{}
		go func() { time.Sleep(20 * time.Millisecond); c.add(1) }()
		c.total = 5
		time.Sleep(60 * time.Millisecond)
	},
	"method": func() {
		c := &Cart{}
		both(func() { c.add(1) }, func() { c.add(2) })
	},
	"map": func() {
		c := &Cart{items: map[string]int{}}
		both(func() { c.items["tea"] = 1 }, func() { c.items["tea"] = 2 })
	},
	"atomic": func() { both(func() { atomic.AddInt64(&stock, 1) }, func() { stock = 3 }) },
	"close": func() {
		orders := make(chan int, 4)
		both(func() { orders <- 1 }, func() { close(orders) })
	},
}

func main() {
	for _, name := range os.Args[1:] {
		mistakes[name]()
	}
}
