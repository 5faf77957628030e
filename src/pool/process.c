/* What there is once in a process: the default pool, and the count of forks. */
#include <pthread.h>

#include "pool/inside.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static fodder_pool *default_pool;
static atomic_uint forks;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The lock may have been held by a thread that the child does not have. */
static void in_child(void)
{
    pthread_mutex_init(&lock, NULL);
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, in_child);
}

unsigned process_forks(void)
{
    pthread_once(&once, watch_forks);
    return atomic_load(&forks);
}

/* All of a pool's waiting and working was done by threads that the child does not have; they may have held its locks.
 */
static void forget_threads(fodder_pool *pool)
{
    pthread_mutex_init(&pool->lock, NULL);
    pthread_mutex_init(&pool->memory_lock, NULL);
    pthread_cond_init(&pool->left, NULL);
    for (unsigned g = 0; g < pool->group_count; g++) {
        pthread_cond_init(&pool->groups[g].wake, NULL);
        pool->groups[g].sleeping = 0;
        pool->groups[g].started = 0;
    }
    pool->jobs = NULL;
    pool->worker_count = 0;
}

void process_enter(fodder_pool *pool)
{
    const unsigned now = process_forks();

    if (atomic_load(&pool->forks) == now)
        return;
    pthread_mutex_lock(&lock);
    if (atomic_load(&pool->forks) != now) {
        forget_threads(pool);
        threads_start(pool); /* with fewer of them, or none, the caller does the work */
        atomic_store(&pool->forks, now);
    }
    pthread_mutex_unlock(&lock);
}

void process_leave(fodder_pool *pool)
{
    if (atomic_load(&pool->forks) == process_forks())
        threads_end(pool);
    else
        forget_threads(pool);
}

fodder_pool *pool_of(fodder_pool *pool)
{
    if (pool)
        return pool;
    process_forks();
    pthread_mutex_lock(&lock);
    if (!default_pool)
        fodder_pool_new(&default_pool, NULL);
    pool = default_pool;
    pthread_mutex_unlock(&lock);
    return pool;
}

void fodder_shutdown(void)
{
    fodder_pool *pool;

    pthread_mutex_lock(&lock);
    pool = default_pool;
    default_pool = NULL;
    pthread_mutex_unlock(&lock);
    fodder_pool_free(pool);
}
