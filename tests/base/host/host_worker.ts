/**
 * A process of its own for tests: `inherit` starts a child that has its streams, and ends with its status; `private`
 * makes a private folder with a file in it, says where, and waits for a signal; `private child` waits for a child in it.
 *
 * @module
 */
import { UserError } from "../../../lib/base/error.ts";
import { exitCodeOf } from "../../../lib/base/exit_code.ts";
import { createDenoHost } from "../../../lib/base/host/deno_host.ts";
import type { Host } from "../../../lib/base/host/host.ts";
import { withPrivateFolder } from "../../../lib/base/host/private_folder.ts";
import { waitForChild } from "../../../lib/base/host/signals.ts";
import { childWorker } from "./child.ts";

async function waitInPrivateFolder(host: Host, path: string, hasChild: boolean): Promise<number> {
  Deno.writeTextFileSync(`${path}/plain`, "a secret of a test");
  const child = hasChild ? await host.spawn("sleep", ["60"]) : undefined;
  host.stdout.write(path);
  if (child !== undefined) return await waitForChild(host, child);
  return await new Promise((resolve) => setTimeout(resolve, 60_000, 1));
}

async function runMode(host: Host, [mode, detail]: readonly string[]): Promise<number> {
  if (mode === "inherit") {
    const child = await host.spawn(...childWorker("once"));
    return await child?.status ?? 1;
  }
  try {
    return await withPrivateFolder(host, ({ path }) => waitInPrivateFolder(host, path, detail === "child"));
  } catch (error) {
    return error instanceof UserError ? exitCodeOf(error.kind) : 1;
  }
}

Deno.exit(await runMode(await createDenoHost(), Deno.args));
