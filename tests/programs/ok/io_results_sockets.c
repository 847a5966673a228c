// SPDX-License-Identifier: Apache-2.0
// io_results_sockets.c: every hooked call on sockets, polling and message queues, in success and failure.
#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/show.h"

ssize_t __recv_chk(int, void*, size_t, size_t, int);
ssize_t __recvfrom_chk(int, void*, size_t, size_t, int, struct sockaddr*, socklen_t*);
int __poll_chk(struct pollfd*, nfds_t, int, size_t);
int __ppoll_chk(struct pollfd*, nfds_t, const struct timespec*, const sigset_t*, size_t);

static void* volatile bad = (void*)16;
static char buffer[64];
static volatile nfds_t too_many = 1u << 30;
static const struct timespec kNow = {0, 0}, kSoon = {0, 1000000}, kInvalid = {0, -1};

static void ShowMessages(void) {
  int ends[2];
  struct iovec part = {buffer, 8};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  struct mmsghdr many[2] = {{.msg_hdr = message}, {.msg_hdr = message}};
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0) return;
  SHOW(send(ends[0], "abcdef", 6, 0));
  SHOW(send(ends[0], "abcd", 4, MSG_DONTWAIT));
  SHOW(sendto(ends[0], "ab", 2, 0, NULL, 0));
  SHOW(sendmsg(ends[0], &message, 0));
  SHOW(sendmmsg(ends[0], many, 2, 0));
  SHOW(recv(ends[1], buffer, 4, MSG_TRUNC));
  SHOW(__recv_chk(ends[1], buffer, sizeof(buffer), sizeof(buffer), 0));
  SHOW(recvfrom(ends[1], buffer, sizeof(buffer), 0, NULL, NULL));
  SHOW(recvmsg(ends[1], &message, 0));
  SHOW(recvmmsg(ends[1], many, 2, MSG_WAITFORONE, NULL));
  SHOW(many[1].msg_len);
  SHOW(recv(ends[1], buffer, 4, MSG_DONTWAIT));
  SHOW(recvmmsg(ends[1], many, 2, MSG_DONTWAIT, NULL));
  SHOW(send(ends[0], "x", 1, 0));
  SHOW(__recvfrom_chk(ends[1], buffer, 8, sizeof(buffer), 0, NULL, NULL));
  SHOW(send(ends[0], bad, 6, 0));
  SHOW(sendmsg(ends[0], bad, 0));
  SHOW(recvmsg(ends[1], bad, 0));
  SHOW(recvmmsg(ends[1], many, 2, 0, bad));
  SHOW(recv(-1, buffer, 1, 0));
  SHOW(recvfrom(-1, buffer, 1, 0, NULL, NULL));
  SHOW(recvmsg(-1, &message, 0));
  SHOW(send(-1, buffer, 1, 0));
  SHOW(sendto(-1, buffer, 1, 0, NULL, 0));
  SHOW(sendmsg(-1, &message, 0));
  SHOW(sendmmsg(-1, many, 2, 0));
  StartInterrupting();
  SHOW(recv(ends[1], buffer, 4, 0));
  SHOW(recvmsg(ends[1], &message, 0));
  StopInterrupting();
  close(ends[0]);
  close(ends[1]);
}

static void ShowConnections(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  // An abstract name of our own: nothing in the file system.
  snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "io_results.%d", (int)getpid());
  const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address.sun_path + 1));
  const struct sockaddr* name = (const struct sockaddr*)&address;
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(client, name, size));
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(server, name, size) != 0 || listen(server, 2) != 0) return;
  SHOW(connect(client, name, size));
  SHOW(connect(client, name, size));
  int accepted = (int)SHOW_SIGN(accept(server, NULL, NULL));
  close(accepted);
  close(client);
  client = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(client, name, size));
  accepted = (int)SHOW_SIGN(accept4(server, NULL, NULL, SOCK_NONBLOCK));
  SHOW(recv(accepted, buffer, 1, 0));
  SHOW(accept4(server, NULL, NULL, 0x7));
  SHOW(accept(client, NULL, NULL));
  SHOW(accept(-1, NULL, NULL));
  SHOW(connect(-1, name, size));
  SHOW(connect(client, bad, 10));
  StartInterrupting();
  SHOW(accept(server, NULL, NULL));
  StopInterrupting();
  close(accepted);
  close(client);
  close(server);
}

static void ShowPolling(void) {
  int ends[2];
  if (pipe(ends) != 0) return;
  struct pollfd fd = {ends[0], POLLIN, 0};
  sigset_t none;
  sigemptyset(&none);
  SHOW(poll(&fd, 1, 0));
  SHOW(poll(&fd, 1, 1));
  SHOW(__poll_chk(&fd, 1, 1, sizeof(fd)));
  SHOW(ppoll(&fd, 1, &kSoon, &none));
  SHOW(ppoll(&fd, 1, &kNow, NULL));
  SHOW(ppoll(&fd, 1, &kInvalid, NULL));
  SHOW(__ppoll_chk(&fd, 1, &kSoon, NULL, sizeof(fd)));
  StartInterrupting();
  SHOW(poll(&fd, 1, -1));
  SHOW(ppoll(&fd, 1, NULL, NULL));
  SHOW(select(0, NULL, NULL, NULL, NULL));
  StopInterrupting();
  if (write(ends[1], "x", 1) != 1) return;
  SHOW(poll(&fd, 1, -1));
  SHOW(ppoll(&fd, 1, NULL, NULL));
  SHOW(fd.revents);
  SHOW(poll(bad, 1, -1));
  SHOW(poll(bad, 1, 0));
  SHOW(ppoll(bad, 1, NULL, NULL));
  SHOW(poll(&fd, too_many, -1));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  struct timeval soon = {0, 1000}, now = {0, 0}, invalid = {-1, 0};
  SHOW(select(ends[0] + 1, &set, NULL, NULL, NULL));
  SHOW(select(ends[0] + 1, &set, NULL, NULL, &now));
  SHOW(pselect(ends[0] + 1, &set, NULL, NULL, NULL, &none));
  SHOW(pselect(ends[0] + 1, &set, NULL, NULL, &kNow, NULL));
  SHOW(select(0, NULL, NULL, NULL, &soon));
  SHOW(soon.tv_sec);
  SHOW(select(0, NULL, NULL, NULL, &invalid));
  SHOW(select(-1, NULL, NULL, NULL, NULL));
  SHOW(select(ends[0] + 1, bad, NULL, NULL, NULL));
  SHOW(pselect(0, NULL, NULL, NULL, &kInvalid, NULL));
  close(ends[0]);
  close(ends[1]);
}

static void ShowEpoll(void) {
  int ends[2];
  int epoll = epoll_create1(0);
  if (pipe(ends) != 0) return;
  struct epoll_event event = {.events = EPOLLIN};
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_wait(epoll, &event, 1, 0));
  SHOW(epoll_wait(epoll, &event, 1, 1));
  SHOW(epoll_pwait(epoll, &event, 1, 1, NULL));
  SHOW(epoll_pwait2(epoll, &event, 1, &kSoon, NULL));
  StartInterrupting();
  SHOW(epoll_wait(epoll, &event, 1, -1));
  SHOW(epoll_pwait2(epoll, &event, 1, NULL, NULL));
  StopInterrupting();
  if (write(ends[1], "x", 1) != 1) return;
  SHOW(epoll_wait(epoll, &event, 1, -1));
  SHOW(epoll_pwait(epoll, &event, 1, -1, NULL));
  SHOW(epoll_pwait2(epoll, &event, 1, NULL, NULL));
  SHOW(epoll_wait(epoll, bad, 1, -1));
  SHOW(epoll_pwait2(epoll, &event, 1, bad, NULL));
  SHOW(epoll_wait(epoll, &event, 0, -1));
  SHOW(epoll_wait(ends[0], &event, 1, -1));
  SHOW(epoll_pwait(-1, &event, 1, -1, NULL));
  close(epoll);
  close(ends[0]);
  close(ends[1]);
}

// Message queues are missing in some containers; then the failures are compared.
static void ShowQueues(void) {
  char name[32];
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  snprintf(name, sizeof(name), "/io_results.%d", (int)getpid());
  mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  mq_unlink(name);
  struct timespec past = {1, 0};
  SHOW(mq_send(queue, "abc", 3, 7));
  SHOW(mq_timedsend(queue, "abc", 3, 7, &past));
  SHOW(mq_receive(queue, buffer, 1, NULL));
  SHOW(mq_receive(queue, buffer, 8, NULL));
  SHOW(mq_timedreceive(queue, buffer, 8, NULL, &past));
  SHOW(mq_timedreceive(queue, buffer, 8, NULL, &kInvalid));
  SHOW(mq_send(-1, "abc", 3, 7));
  SHOW(mq_receive(-1, buffer, 8, NULL));
  if (queue != (mqd_t)-1) mq_close(queue);
}

static void ShowSystemV(void) {
  struct {
    long type;
    char text[8];
  } message = {1, "hi"};
  int queue = msgget(IPC_PRIVATE, 0600);
  SHOW(msgsnd(queue, &message, 3, 0));
  SHOW(msgrcv(queue, &message, 8, 2, IPC_NOWAIT));
  SHOW(msgrcv(queue, &message, 1, 1, 0));
  SHOW(msgrcv(queue, &message, 8, 1, 0));
  SHOW(msgsnd(queue, bad, 3, 0));
  SHOW(msgsnd(-1, &message, 3, 0));
  msgctl(queue, IPC_RMID, NULL);
  int set = semget(IPC_PRIVATE, 1, 0600);
  struct sembuf up = {0, 1, 0}, down = {0, -1, 0}, try_down = {0, -1, IPC_NOWAIT};
  SHOW(semop(set, &up, 1));
  SHOW(semop(set, &down, 1));
  SHOW(semop(set, &try_down, 1));
  SHOW(semtimedop(set, &down, 1, &kSoon));
  SHOW(semtimedop(set, &up, 1, NULL));
  SHOW(semop(set, bad, 1));
  SHOW(semop(-1, &up, 1));
  semctl(set, 0, IPC_RMID);
}

static void ShowAll(void) {
  ShowMessages();
  ShowConnections();
  ShowPolling();
  ShowEpoll();
  ShowQueues();
  ShowSystemV();
}

int main(void) {
  ShowTwice(ShowAll);
  return 0;
}
