// SPDX-License-Identifier: Apache-2.0
// go_rows.go: the rows of rows.h with Go. `memory` prints what a parked goroutine costs.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sort"
	"sync"
	"time"
)

const (
	yielders, yields  = 100, 10_000
	spawns            = 200_000
	batches, batch    = 200, 1_000
	fanOut            = 100_000
	roundTrips        = 300_000
	values, buffer    = 2_000_000, 128
	sides             = 4
	selects           = 300_000
	locks             = 10_000_000
	lockers, lockEach = 100, 3_000
	primes, lastPrime = 700, 5_279
	parked            = 1_000_000
)

func row(name string, operations int, run func()) {
	wanted := len(os.Args) == 1
	for _, argument := range os.Args[1:] {
		wanted = wanted || argument == name
	}
	if !wanted {
		return
	}
	var times []float64
	for i := 0; i < 3; i++ {
		start := time.Now()
		run()
		times = append(times, float64(time.Since(start).Nanoseconds()))
	}
	sort.Float64s(times)
	fmt.Printf("%s %.2f\n", name, times[1]/float64(operations))
}

func yieldRow() {
	var done sync.WaitGroup
	done.Add(yielders)
	for i := 0; i < yielders; i++ {
		go func() {
			for j := 0; j < yields; j++ {
				runtime.Gosched()
			}
			done.Done()
		}()
	}
	done.Wait()
}

func spawnJoin() {
	for i := 0; i < spawns; i++ {
		var done sync.WaitGroup
		done.Add(1)
		go func() { done.Done() }()
		done.Wait()
	}
}

func spawnBatches() {
	for i := 0; i < batches; i++ {
		var done sync.WaitGroup
		done.Add(batch)
		for j := 0; j < batch; j++ {
			go func() { done.Done() }()
		}
		done.Wait()
	}
}

func fanOutRow() {
	var done sync.WaitGroup
	done.Add(fanOut)
	for i := 0; i < fanOut; i++ {
		go func() { done.Done() }()
	}
	done.Wait()
}

func pingPong() {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for value := range ping {
			pong <- value
		}
		close(pong)
	}()
	for i := 0; i < roundTrips; i++ {
		ping <- i
		<-pong
	}
	close(ping)
	<-pong
}

func buffered(sides int) {
	channel := make(chan int, buffer)
	var sent, received sync.WaitGroup
	sent.Add(sides)
	received.Add(sides)
	for side := 0; side < sides; side++ {
		go func() {
			sum := 0
			for value := range channel {
				sum += value
			}
			received.Done()
		}()
		go func() {
			for i := 0; i < values/sides; i++ {
				channel <- i
			}
			sent.Done()
		}()
	}
	sent.Wait()
	close(channel)
	received.Wait()
}

func sendInTurn(channels []chan int) {
	for i := 0; i < selects; i++ {
		channels[i%len(channels)] <- i
	}
}

func makeChannels(count int) []chan int {
	channels := make([]chan int, count)
	for i := range channels {
		channels[i] = make(chan int)
	}
	return channels
}

func select2() {
	c := makeChannels(2)
	go sendInTurn(c)
	for i := 0; i < selects; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		}
	}
}

func select8() {
	c := makeChannels(8)
	go sendInTurn(c)
	for i := 0; i < selects; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		}
	}
}

func mutexUncontended() {
	var mutex sync.Mutex
	for i := 0; i < locks; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
}

func mutexYielding() {
	var mutex sync.Mutex
	var done sync.WaitGroup
	done.Add(lockers)
	for i := 0; i < lockers; i++ {
		go func() {
			for j := 0; j < lockEach; j++ {
				mutex.Lock()
				runtime.Gosched()
				mutex.Unlock()
			}
			done.Done()
		}()
	}
	done.Wait()
}

func sieve() {
	numbers := make(chan int)
	go func(numbers chan int) {
		for i := 2; i <= lastPrime; i++ {
			numbers <- i
		}
		close(numbers)
	}(numbers)
	for i := 0; i < primes; i++ {
		prime := <-numbers
		next := make(chan int)
		go func(numbers, next chan int) {
			for number := range numbers {
				if number%prime != 0 {
					next <- number
				}
			}
			close(next)
		}(numbers, next)
		numbers = next
	}
	<-numbers
}

func skynet(result chan int, number, size int) {
	if size == 1 {
		result <- number
		return
	}
	children := make(chan int)
	for i := 0; i < 10; i++ {
		go skynet(children, number+i*(size/10), size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-children
	}
	result <- sum
}

func runSkynet(size int) {
	result := make(chan int)
	go skynet(result, 0, size)
	if <-result != size*(size-1)/2 {
		panic("skynet: wrong sum")
	}
}

func residentBytes() float64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var kilobytes float64
		if n, _ := fmt.Sscanf(lines.Text(), "VmRSS: %f", &kilobytes); n == 1 {
			return kilobytes * 1024
		}
	}
	return 0
}

func memory() {
	gate, ready := make(chan struct{}), make(chan struct{}, buffer)
	before := residentBytes()
	for i := 0; i < parked; i++ {
		go func() {
			ready <- struct{}{}
			<-gate
		}()
		<-ready
	}
	fmt.Printf("parked_bytes %.0f\n", (residentBytes()-before)/parked)
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "memory" {
		memory()
		return
	}
	row("yield", yielders*yields, yieldRow)
	row("spawn_join", spawns, spawnJoin)
	row("spawn_batches", batches*batch, spawnBatches)
	row("fan_out", fanOut, fanOutRow)
	row("ping_pong", roundTrips, pingPong)
	row("buffered_1", values, func() { buffered(1) })
	row("buffered_4", values, func() { buffered(sides) })
	row("select_2", selects, select2)
	row("select_8", selects, select8)
	row("mutex", locks, mutexUncontended)
	row("mutex_yielding", lockers*lockEach, mutexYielding)
	row("sieve", 1, sieve)
	row("skynet_100k", 1, func() { runSkynet(100_000) })
	row("skynet_1m", 1, func() { runSkynet(1_000_000) })
}
