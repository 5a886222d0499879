/**
 * What this program does in other threads, by name: loaded when such a thread is asked for it.
 *
 * @module
 */
import type { Tasks } from "../../base/host/workers.ts";
import type { RewriteJob } from "./rewrite.ts";
import type { ThreadPlace } from "./threads.ts";

/** What other threads can do. */
export const BULK_TASKS: Tasks = {
  "open-data-keys": async (shared: ThreadPlace) => {
    const { createThreadEngine } = await import("./threads.ts");
    return (await import("./data_keys.ts")).createOpening(await createThreadEngine(shared));
  },
  "rewrite": async (shared: ThreadPlace & RewriteJob) => {
    const { createThreadEngine } = await import("./threads.ts");
    return (await import("./rewrite.ts")).createRewriting(await createThreadEngine(shared), shared);
  },
};
