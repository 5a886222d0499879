/**
 * Who the tests run as: root passes every permission check, so what must be denied is tried as somebody else.
 *
 * @module
 */
import type { Machine } from "./stress_program.ts";

/** A user and group that own nothing. */
const NOBODY = 65_534;

/** Whether the tests run as root. */
export const IS_ROOT = isRoot();

/** Words to put before a command so that it runs as somebody who is not root. */
export const UNPRIVILEGED: readonly string[] = IS_ROOT
  ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"]
  : [];

/** The programs that {@link UNPRIVILEGED} needs. */
export const UNPRIVILEGED_PEERS: readonly string[] = IS_ROOT ? ["setpriv"] : [];

/** Gives everything of a machine to the user that {@link UNPRIVILEGED} stands for. */
export async function giveToUnprivileged(machine: Machine): Promise<void> {
  if (IS_ROOT) await giveAway(machine.root);
}

async function giveAway(path: string): Promise<void> {
  const info = await Deno.lstat(path);
  if (info.isSymlink) return;
  await Deno.chown(path, NOBODY, NOBODY);
  if (!info.isDirectory) return;
  for await (const entry of Deno.readDir(path)) await giveAway(`${path}/${entry.name}`);
}

function isRoot(): boolean {
  const path = Deno.makeTempFileSync();
  const { uid } = Deno.statSync(path);
  Deno.removeSync(path);
  return uid === 0;
}
