/**
 * File systems that are soon full.
 *
 * @module
 */

/** A file system in memory over a folder; it goes, with all that is on it, when it is disposed of. */
export interface SmallDisk extends AsyncDisposable {
  /** Changes its size, with all that is on it. */
  resize(kibibytes: number): Promise<void>;
}

/** Mounts a file system over a folder. */
export async function mountSmallDisk(folder: string, kibibytes: number): Promise<SmallDisk> {
  await runTool("mount", "-t", "tmpfs", "-o", `size=${kibibytes}k,mode=755`, "tmpfs", folder);
  return {
    resize: (kibibytes) => runTool("mount", "-o", `remount,size=${kibibytes}k`, folder),
    [Symbol.asyncDispose]: () => runTool("umount", folder),
  };
}

/** Root on a machine of its own may mount; root in most containers may not. */
export const CAN_MOUNT = await isMountAllowed();

/** What stands behind the name of a test that has to be left out elsewhere. */
export const NEEDS_MOUNT = CAN_MOUNT ? "" : " [needs the right to mount]";

async function isMountAllowed(): Promise<boolean> {
  const folder = await Deno.makeTempDir();
  try {
    await using _disk = await mountSmallDisk(folder, 64);
    return true;
  } catch {
    return false;
  } finally {
    await Deno.remove(folder);
  }
}

async function runTool(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}
