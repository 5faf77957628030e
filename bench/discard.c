/* A server of S3 that keeps nothing and checks nothing, so that the client is what takes time.
 *
 *     discard        prints the port, and serves until it is killed
 */
#define _GNU_SOURCE
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 1 << 20 };

static void answer(int fd, const char *head, const char *text)
{
    dprintf(fd, "HTTP/1.1 200 OK\r\nETag: \"0\"\r\nContent-Length: %zu\r\n\r\n%s",
            strcmp(head, "HEAD") ? strlen(text) : 0, text);
}

static void answer_request(int fd, const char *head)
{
    if (strncmp(head, "POST", 4) == 0 && strstr(head, "?uploads"))
        answer(fd, head, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    else if (strncmp(head, "POST", 4) == 0)
        answer(fd, head, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
    else
        answer(fd, head, "");
}

/* One request, of which `have` bytes are there already: how many of the next one are behind it, or -1 at the end. */
static ssize_t serve_one(int fd, char *room, size_t have)
{
    unsigned long long left;
    const char *length;
    char *end;

    while (!(end = memmem(room, have, "\r\n\r\n", 4))) {
        const ssize_t n = have < ROOM - 1 ? read(fd, room + have, ROOM - 1 - have) : -1;

        if (n <= 0)
            return -1;
        have += (size_t)n;
    }
    *end = '\0';
    length = strcasestr(room, "\r\ncontent-length:");
    left = length ? strtoull(length + 17, NULL, 10) : 0;
    have -= (size_t)(end + 4 - room);
    if (strcasestr(room, "100-continue") && have == 0)
        dprintf(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    for (left -= have < left ? have : left; left > 0;) {
        const ssize_t n =
            read(fd, end + 4, left < (size_t)(room + ROOM - end - 4) ? left : (size_t)(room + ROOM - end - 4));

        if (n <= 0)
            return -1;
        left -= (unsigned long long)n;
    }
    answer_request(fd, room);
    return 0;
}

static void *serve(void *argument)
{
    const int fd = (int)(long)argument;
    char *const room = malloc(ROOM);

    while (room && serve_one(fd, room, 0) == 0)
        continue;
    free(room);
    close(fd);
    return NULL;
}

int main(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    int fd;

    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 64) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        err(1, "listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        pthread_t thread;

        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (pthread_create(&thread, NULL, serve, (void *)(long)fd) == 0)
            pthread_detach(thread);
    }
    err(1, "accept");
}
