/* Spin locks between programs that share memory: uacquire(), urelease() (declared in user.h too). */
#ifndef XV6_USPINLOCK_H
#define XV6_USPINLOCK_H

struct uspinlock {
	unsigned int locked; /* 0: free */
};

void uacquire(struct uspinlock *);
void urelease(struct uspinlock *);

#endif
