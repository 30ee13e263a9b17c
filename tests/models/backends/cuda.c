/* NVIDIA's driver for tests: one GPU, or with -DSTATUS=n the CUDA error n in place of it. */
#include <string.h>

#ifndef STATUS
#define STATUS 0
#endif

int cuInit(unsigned flags) { return STATUS; }
int cuDeviceGet(int *device, int number) { *device = 7; return number; }

int cuDeviceGetName(char *name, int size, int device) {
    strncpy(name, device == 7 ? "Test GPU" : "another GPU", size);
    return 0;
}
