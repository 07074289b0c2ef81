/* The C entry point of the trainer module: JSON in, callbacks out; no C++ type and no exception crosses it. */
#ifndef KTRAIN_CORE_RUN_TRAINER_API_H
#define KTRAIN_CORE_RUN_TRAINER_API_H

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever anything below changes; the program refuses a module of another version. */
#define KTRAIN_TRAINER_API_VERSION 1
#define KTRAIN_TRAINER_ENTRY "ktrain_trainer_module"

/* What the module may call back. `context` is handed through untouched. All text is UTF-8 and valid only during the
 * call. Callbacks come from the thread that called `run`. */
struct ktrain_host {
    void* context;
    /* One event as a JSON object with "event": see docs/trainer.md for the kinds (start, step, epoch, checkpoint,
     * eval, warning, end). The program renders it for people or writes it as a line of JSON. */
    void (*event)(void* context, const char* json);
    /* The signal number that asks the run to stop (SIGHUP, SIGINT, SIGTERM), or 0. Polled between steps. */
    int (*stop_signal)(void* context);
};

struct ktrain_trainer_api {
    int version; /* KTRAIN_TRAINER_API_VERSION of the module */
    /* What the module is: JSON with versions, devices and features. Free with `release`. */
    const char* (*describe)(void);
    /* Does what "action" of the JSON `request` says; "run" is meant where none is named, and "spec" is a resolved spec:
     *   run      {"spec"}: trains
     *   dry-run  {"spec"}: says what would be trained
     *   data     {"command": tokenize, preview, stats or split, "spec", "row": number or null, "limit", "output"}
     *   eval     {"spec", "base": folder or "", "tasks": files}
     *   merge    {"adapter": folder, "base": folder or "", "output": folder}: folds an adapter into its base
     * Returns the exit code of docs/exit-codes.md; on failure *error is JSON {"kind","message","where","hint"} to be
     * freed with `release`. */
    int (*run)(const char* request, const struct ktrain_host* host, const char** error);
    void (*release)(const char* text);
};

/* Exported by the module under KTRAIN_TRAINER_ENTRY. */
typedef const struct ktrain_trainer_api* (*ktrain_trainer_entry)(void);

#ifdef __cplusplus
}
#endif
#endif
