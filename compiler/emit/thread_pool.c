/* The threads in every object: what Halide's code calls for each parallel loop, in the place of Halide's own pool.
 *
 * A loop's tasks are dealt out beforehand, a range of neighbours to each thread, so that a thread finds in its caches
 * what it wrote in the layer before, and neighbouring tasks share weights. Who has done its own takes from the far end
 * of another's range. No task waits for a lock, and a thread that finds nothing to do looks on for a while before it
 * sleeps: a network's next loop is microseconds away, while to wake a thread takes tens of them in a virtual machine.
 *
 * Several threads may run loops at a time, and a task may run one. Each loop is a job in a slot; slots are never freed,
 * so that a late worker may look into one whose job has ended.
 *
 * Compiled to bitcode, without any header, for each processor Kiln compiles for (CMakeLists.txt), and linked into
 * objects (link_bitcode.cpp). Three functions are weak symbols there: of several objects in a program, one pool is
 * used.
 *
 * HL_NUM_THREADS: threads, the caller included, where nobody sets another number. KILN_SPIN_MICROSECONDS: how long an
 * idle thread looks on, 50 by default: the loops of a network follow each other faster, and where other programs want
 * the processors, looking on for longer takes from a thread the time it needs for its tasks.
 */
typedef unsigned int u32;
typedef unsigned long u64; /* both processors' Linux is LP64 */
typedef unsigned char byte;

struct timespec {
    long seconds, nanoseconds;
};
typedef int loop_body(void* context, int index, byte* closure);

extern int pthread_create(u64* thread, const void* attributes, void* (*start)(void*), void* argument);
extern int pthread_join(u64 thread, void** result);
extern long syscall(long number, ...);
extern int clock_gettime(int clock, struct timespec* time);
extern char* getenv(const char* name);
extern int atoi(const char* text);
extern int halide_host_cpu_count(void);

#define weak __attribute__((weak))
#define own_lines __attribute__((aligned(128))) /* two lines: some processors fetch them in pairs */

enum { most_threads = 256, most_jobs = 8, monotonic = 1, futex_wait = 128, futex_wake = 129 };
#if defined(__x86_64__)
enum { futex_call = 202 };
static void relax(void) { __builtin_ia32_pause(); }
#elif defined(__aarch64__)
enum { futex_call = 98 };
static void relax(void) { __asm__ volatile("yield"); }
#endif

/* Tasks that are left of a thread's share: the first in the low half, the end in the high one. */
struct own_lines range {
    u64 left;
};

struct own_lines job {
    u32 open;    /* tasks may be taken */
    u32 users;   /* workers that look at the job or run one of its tasks */
    u32 claimed; /* somebody fills this slot */
    u32 waits;   /* the owner sleeps until there are no users */
    int result;
    int first, threads;
    void* context;
    loop_body* body;
    byte* closure;
    struct range ranges[most_threads];
};

static struct job jobs[most_jobs];
static own_lines u32 published; /* grows with each job: what idle workers look at */
static u32 stop;                /* set before `published` grows */
static own_lines u32 sleepers;
static u32 changes;  /* grows when `stop` or `wanted` changes */
static u32 changing; /* a lock: the team grows or ends */
static u32 workers;  /* there are so many; worker i takes part in jobs of more than i threads, from 1 on */
static u32 wanted;   /* threads, the caller included; 0: not decided */
static u64 spinning; /* nanoseconds */
static u64 handles[most_threads];

#define load(from) __atomic_load_n(&(from), __ATOMIC_SEQ_CST)
#define store(to, value) __atomic_store_n(&(to), value, __ATOMIC_SEQ_CST)
#define add(to, value) __atomic_fetch_add(&(to), value, __ATOMIC_SEQ_CST)

static void sleep_while(u32* word, u32 value) { syscall(futex_call, word, futex_wait, value, (void*)0); }
static void wake(u32* word, int count) { syscall(futex_call, word, futex_wake, count); }

struct patience {
    u64 until;
    u32 turns;
};
static u64 now(void) {
    struct timespec t;
    clock_gettime(monotonic, &t);
    return (u64)t.seconds * 1000000000u + (u64)t.nanoseconds;
}

/* Waits for an instant; false where it has been long enough. */
static int wait_on(struct patience* p) {
    enum { turns_between_looks = 64 }; /* at the clock */
    relax();
    if (++p->turns % turns_between_looks) return 1;
    const u64 time = now();
    if (!p->until) p->until = time + load(spinning);
    return time < p->until;
}

static void lock(u32* word) {
    while (__atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE)) relax();
}
static void unlock(u32* word) { __atomic_store_n(word, 0, __ATOMIC_RELEASE); }

/* The next task of a range for its owner, the last one for others; -1: none. */
static int take(struct range* r, int from_end) {
    u64 left = __atomic_load_n(&r->left, __ATOMIC_RELAXED);
    for (;;) {
        const u32 first = (u32)left, end = (u32)(left >> 32);
        if (first >= end) return -1;
        const u64 then = from_end ? (u64)(end - 1) << 32 | first : (u64)end << 32 | (first + 1);
        if (__atomic_compare_exchange_n(&r->left, &left, then, 1, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            return (int)(from_end ? end - 1 : first);
    }
}

/* Runs tasks until there are none: one's own, then others'. */
static void work_on(struct job* j, int me) {
    const int threads = j->threads;
    for (int i = 0; i < threads; ++i) {
        struct range* r = &j->ranges[(me + i) % threads];
        for (int task; (task = take(r, i > 0)) >= 0;) {
            if (__atomic_load_n(&j->result, __ATOMIC_RELAXED)) continue; /* failed: the rest is not run */
            const int result = j->body(j->context, j->first + task, j->closure);
            if (result) store(j->result, result);
        }
    }
}

/* Looks at all jobs that there are. */
static void help(int me) {
    for (int i = 0; i < most_jobs; ++i) {
        struct job* j = &jobs[i];
        if (!load(j->open)) continue;
        add(j->users, 1);
        if (load(j->open) && me < j->threads) work_on(j, me);
        if (add(j->users, (u32)-1) == 1 && load(j->waits)) wake(&j->users, 1);
    }
}

/* Waits until there is a job that was not there when `published` was `seen`, or the pool ends. */
static void await_job(u32 seen) {
    struct patience p = {0, 0};
    while (load(published) == seen && wait_on(&p)) continue;
    if (load(published) != seen) return;
    add(sleepers, 1);
    while (load(published) == seen) sleep_while(&published, seen);
    add(sleepers, (u32)-1);
}

static void* worker(void* argument) {
    const u32 me = (u32)(u64)argument;
    for (;;) {
        const u32 before = load(changes), seen = load(published);
        if (load(stop)) return 0;
        if (me >= load(wanted)) { /* too many now: those leave the processors alone */
            sleep_while(&changes, before);
            continue;
        }
        help((int)me);
        await_job(seen);
    }
}

static u32 within_limits(int threads) { return threads < 1 ? 1 : threads > most_threads ? most_threads : (u32)threads; }

static u32 default_threads(void) {
    const char* text = getenv("HL_NUM_THREADS");
    return within_limits(text ? atoi(text) : halide_host_cpu_count());
}

static void want(u32 threads) {
    if (__atomic_exchange_n(&wanted, threads, __ATOMIC_SEQ_CST) == threads) return;
    add(changes, 1);
    wake(&changes, most_threads);
}

/* How many threads a loop may have now: workers that cannot be started are done without. */
static u32 team(void) {
    u32 threads = load(wanted);
    if (!threads) want(threads = default_threads());
    if (load(workers) + 1 < threads) {
        const char* text = getenv("KILN_SPIN_MICROSECONDS");
        const int microseconds = text ? atoi(text) : 50;
        lock(&changing);
        store(spinning, microseconds < 0 ? 0 : (u64)microseconds * 1000);
        while (workers + 1 < threads && !pthread_create(&handles[workers], (void*)0, worker, (void*)(u64)(workers + 1)))
            store(workers, workers + 1);
        unlock(&changing);
    }
    const u32 there = load(workers) + 1;
    return threads < there ? threads : there;
}

static struct job* free_slot(void) {
    for (int i = 0; i < most_jobs; ++i)
        if (!load(jobs[i].claimed) && !__atomic_exchange_n(&jobs[i].claimed, 1, __ATOMIC_SEQ_CST)) return &jobs[i];
    return 0;
}

weak int halide_do_par_for(void* context, loop_body* body, int first, int count, byte* closure) {
    const u32 threads = count > 1 ? team() : 1;
    struct job* j = threads > 1 ? free_slot() : 0;
    if (!j) {
        for (int i = 0; i < count; ++i) {
            const int result = body(context, first + i, closure);
            if (result) return result;
        }
        return 0;
    }
    j->context = context, j->body = body, j->closure = closure;
    j->first = first, j->threads = (int)threads, j->result = 0;
    for (u64 i = 0; i < threads; ++i) {
        const u64 begin = (u64)count * i / threads, end = (u64)count * (i + 1) / threads;
        j->ranges[i].left = end << 32 | begin;
    }
    store(j->open, 1);
    add(published, 1);
    if (load(sleepers)) wake(&published, (int)load(sleepers));
    work_on(j, 0);
    store(j->open, 0);
    struct patience p = {0, 0};
    while (load(j->users) && wait_on(&p)) continue;
    store(j->waits, 1);
    for (u32 users; (users = load(j->users));) sleep_while(&j->users, users);
    store(j->waits, 0);
    const int result = load(j->result);
    store(j->claimed, 0);
    return result;
}

weak int halide_set_num_threads(int threads) {
    const u32 before = load(wanted);
    want(threads < 1 ? default_threads() : within_limits(threads));
    return (int)(before ? before : default_threads());
}

weak void halide_shutdown_thread_pool(void) {
    lock(&changing);
    store(stop, 1);
    add(changes, 1);
    add(published, 1);
    wake(&changes, most_threads);
    wake(&published, most_threads);
    while (workers) {
        pthread_join(handles[workers - 1], (void**)0);
        store(workers, workers - 1);
    }
    store(stop, 0);
    unlock(&changing);
}
