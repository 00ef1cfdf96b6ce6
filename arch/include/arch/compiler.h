/* What the sources ask of the compiler: attributes with short names, and the lock contracts that clang checks
   (-Wthread-safety).  Below everything, so that every floor's headers may use them. */
#ifndef ARCH_COMPILER_H
#define ARCH_COMPILER_H

#define must_check __attribute__((warn_unused_result))
#define noreturn_fn __attribute__((noreturn))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define packed_struct __attribute__((packed))
#define aligned_to(n) __attribute__((aligned(n)))
#define no_inline __attribute__((noinline))
#define always_inline inline __attribute__((always_inline))
#define maybe_unused __attribute__((unused))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define UNREACHABLE() __builtin_unreachable()

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
/* The struct of TYPE whose MEMBER is at PTR. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr) - __builtin_offsetof(type, member)))

#if defined(__clang__)
#define THREAD_ATTR(x) __attribute__((x))
#else
#define THREAD_ATTR(x)
#endif
#define capability(name) THREAD_ATTR(capability(name))
#define acquires(...) THREAD_ATTR(acquire_capability(__VA_ARGS__))
#define try_acquires(...) THREAD_ATTR(try_acquire_capability(__VA_ARGS__))
#define releases(...) THREAD_ATTR(release_capability(__VA_ARGS__))
#define requires_lock(...) THREAD_ATTR(requires_capability(__VA_ARGS__))
#define excludes_lock(...) THREAD_ATTR(locks_excluded(__VA_ARGS__))
#define guarded_by(x) THREAD_ATTR(guarded_by(x))
#define asserts_lock(...) THREAD_ATTR(assert_capability(__VA_ARGS__))
#define no_lock_check THREAD_ATTR(no_thread_safety_analysis)

#endif
