/* Lets Debian 12's user-mode-linux run on CPUs with AMX (Sapphire Rapids and later). Preloaded into it by
 * scripts/user-mode-linux; a tool of the demo and the tests, no part of the product.
 *
 * The kernel of 6.1 keeps 2,696 bytes of a process's extended state (XSAVE, up to PKRU) and gives just these
 * back with PTRACE_SETREGSET. The host takes only the whole state of the CPU, 11,008 bytes with AMX (EFAULT
 * otherwise), and the first process of the guest dies. In the uncompacted format each component has its fixed
 * offset, so what the guest keeps is put over the whole state as the host has it. */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Not on the stack: the guest's kernel stacks are small. The guest has one thread that calls ptrace. */
static char state[64 * 1024];

static long set_extended_state(pid_t pid, const struct iovec *given) {
    struct iovec whole = {.iov_base = state, .iov_len = sizeof state};
    if (syscall(SYS_ptrace, PTRACE_GETREGSET, pid, NT_X86_XSTATE, &whole) < 0)
        return -1;
    memcpy(state, given->iov_base, given->iov_len < whole.iov_len ? given->iov_len : whole.iov_len);
    return syscall(SYS_ptrace, PTRACE_SETREGSET, pid, NT_X86_XSTATE, &whole);
}

/* As glibc declares and defines it: the three PEEK requests return what the system call stores. */
long ptrace(enum __ptrace_request request, ...) {
    va_list rest;
    va_start(rest, request);
    pid_t pid = va_arg(rest, pid_t);
    void *address = va_arg(rest, void *);
    void *data = va_arg(rest, void *);
    va_end(rest);

    if (request == PTRACE_SETREGSET && address == (void *)NT_X86_XSTATE)
        return set_extended_state(pid, data);
    if (request != PTRACE_PEEKTEXT && request != PTRACE_PEEKDATA && request != PTRACE_PEEKUSER)
        return syscall(SYS_ptrace, request, pid, address, data);

    long word = 0;
    if (syscall(SYS_ptrace, request, pid, address, &word) < 0)
        return -1;
    errno = 0;
    return word;
}
