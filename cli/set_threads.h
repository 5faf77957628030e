/* Threads that share a job, each of which does its own I/O; the library's pools only fill and compare. */
#ifndef CLI_SET_THREADS_H
#define CLI_SET_THREADS_H

/* Calls work(job, 0) to work(job, threads - 1), the first on the calling thread and the others each on one of its own,
 * or in turn on the calling thread where no more threads can be had. Returns when all have returned. */
void set_threads_run(unsigned threads, void (*work)(void *job, unsigned index), void *job);

#endif
