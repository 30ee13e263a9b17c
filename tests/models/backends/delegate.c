/* A delegate of LiteRT for tests. It computes the last operator of a network, badly: every byte of
 * the result is the option "answer". Other values of that option: "none", it takes no operator;
 * "refuse", it does not start; "broken", it refuses every network.
 * Built with -DEDGETPUS=n it is a libedgetpu, too, that finds n devices.
 * Layouts as in tensorflow/lite/core/c/common.h, on 64 bits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int size, data[1]; } Indices;
typedef struct {
    int type; void *data; Indices *shape; int64_t quantisation, allocation; size_t bytes;
    void *rest[8];
} Tensor;
typedef struct { Indices *inputs, *outputs; } Node;
typedef struct Context Context;
typedef struct {
    void *init, *release;
    int (*prepare)(Context *, Node *), (*invoke)(Context *, Node *);
    void *profiling; int32_t builtin; const char *name; int version;
    void *external, *async; uint64_t inplace;
} Kernel;
typedef struct Delegate {
    void *data; int (*prepare)(Context *, struct Delegate *); void *buffers[3]; int64_t flags;
    void *opaque;
} Delegate;
struct Context {
    size_t count; int (*plan)(Context *, Indices **); Tensor *tensors; void *others[5];
    int (*replace)(Context *, Kernel, const Indices *, Delegate *);
};

static const char *answer = "0";

static int ready(Context *context, Node *node) { return 0; }

static int compute(Context *context, Node *node) {
    Tensor *output = &context->tensors[node->outputs->data[0]];
    memset(output->data, atoi(answer), output->bytes);
    return 0;
}

static int take_last(Context *context, Delegate *self) {
    Kernel kernel = {.prepare = ready, .invoke = compute, .name = "TestDelegate", .version = 1};
    Indices *plan;
    if (!strcmp(answer, "broken")) return 1;
    context->plan(context, &plan);
    Indices last = {strcmp(answer, "none") ? 1 : 0, {plan->data[plan->size - 1]}};
    return context->replace(context, kernel, &last, self);
}

Delegate *tflite_plugin_create_delegate(char **keys, char **values, size_t count,
                                        void (*report)(const char *)) {
    for (size_t i = 0; i < count; i++)
        if (!strcmp(keys[i], "answer")) answer = strdup(values[i]);
    if (!strcmp(answer, "refuse")) {
        report("no accelerator answers");
        return NULL;
    }
    Delegate *self = calloc(1, sizeof(Delegate));
    self->prepare = take_last;
    self->flags = 1; /* asked before the operators are prepared, some of which nobody else knows */
    return self;
}

void tflite_plugin_destroy_delegate(Delegate *self) { free(self); }

#ifdef EDGETPUS
static int devices[EDGETPUS + 1];
void *edgetpu_list_devices(size_t *count) { *count = EDGETPUS; return EDGETPUS ? devices : NULL; }
void edgetpu_free_devices(void *listed) {}
#endif
