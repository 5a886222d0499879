/**
 * A process of its own for tests: `append LINE PATH…` edits the files once, and `publish LINE PATH…` does so with 0644
 * for new files; `many LINE PATH…` does so as a batch; `hold PATH` takes the lock of a file, says so, and keeps it until its standard input ends.
 *
 * @module
 */
import { createDenoHost } from "../../../lib/base/host/deno_host.ts";
import { editFiles } from "../../../lib/base/files/edit_files.ts";
import { lockFile } from "../../../lib/base/files/lock.ts";
import { replaceMany } from "../../../lib/base/files/replace_many.ts";
import { appending, appendingToEach, targetsOf } from "./edit_helpers.ts";

const [mode, first = "", ...paths] = Deno.args;
const host = await createDenoHost();
if (mode === "append" || mode === "publish") {
  const newFileMode = mode === "publish" ? { newFileMode: 0o644 } : {};
  await editFiles(host, targetsOf(...paths).map((target) => ({ ...target, ...newFileMode })), appending(first));
} else if (mode === "many") {
  const results = await replaceMany(host, targetsOf(...paths), { plan: appendingToEach(first), reason: "a line" });
  for (const { path, state } of results) if (state !== "written") host.stdout.write(`${state} ${path}\n`);
} else {
  const lock = await lockFile(host, first, 0o600);
  await lock.file.replaceContent(new TextEncoder().encode("half a secret"));
  host.stdout.write("held\n");
  await host.stdin.read(1024);
  await lock.release();
}
