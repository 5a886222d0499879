/**
 * Whether a program could be started, told without starting it. I/O through the host.
 *
 * @module
 */
import type { Host } from "./host.ts";

/** What Windows appends to the name of a program where `PATHEXT` does not say. */
const WINDOWS_ENDINGS = ".COM;.EXE;.BAT;.CMD";

/** @param name of a program, without a folder @returns whether a folder of `PATH` has it */
export function isOnPath(host: Pick<Host, "env" | "files" | "os" | "paths">, name: string): boolean {
  const isWindows = host.os === "windows";
  const folders = (host.env("PATH") ?? "").split(isWindows ? ";" : ":").filter((folder) => folder !== "");
  const endings = isWindows ? (host.env("PATHEXT") || WINDOWS_ENDINGS).split(";") : [""];
  return folders.some((folder) => endings.some((ending) => isProgram(host, host.paths.join(folder, name + ending))));
}

function isProgram({ files }: Pick<Host, "files">, path: string): boolean {
  try {
    const info = files.stat(path);
    return info?.kind === "file" && (info.mode === undefined || (info.mode & 0o111) !== 0);
  } catch {
    return false; // a folder that nobody may look into has no program for them
  }
}
