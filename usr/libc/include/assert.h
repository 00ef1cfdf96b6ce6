/* Claims that end the program when they are wrong.  No guard: NDEBUG may differ between two inclusions. */
#undef assert
#ifdef NDEBUG
#define assert(claim) ((void)0)
#else
#define assert(claim) ((claim) ? (void)0 : __assert_fail(#claim, __FILE__, __LINE__, __func__))
#endif
#ifndef static_assert
#define static_assert _Static_assert
#endif

void __assert_fail(const char *claim, const char *file, int line, const char *function) __attribute__((noreturn));
