/**
 * `sopsmith` from source as a command on the path, for tests in which another program starts it.
 *
 * @module
 */
import { outputOf, ROOT } from "../../scripts/process.ts";
import type { TestHost } from "./test_host.ts";

/** Makes the command in a folder of its own. @returns the environment in which it is found and runs */
export async function putProgramOnPath(host: TestHost): Promise<Record<string, string>> {
  const bin = `${host.root}/bin`;
  await Deno.mkdir(bin);
  const command = `exec '${Deno.execPath()}' run -q '--config=${ROOT}/deno.json' -P '${ROOT}/main.ts' "$@"`;
  await Deno.writeTextFile(`${bin}/sopsmith`, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  // the cache folder would else depend on HOME
  const { denoDir }: { denoDir: string } = JSON.parse(await outputOf(Deno.execPath(), ["info", "--json"]));
  return {
    HOME: host.home,
    PATH: `${bin}:${Deno.env.get("PATH")}`,
    DENO_DIR: denoDir,
    DENO_NO_UPDATE_CHECK: "1",
    SOPS_DISABLE_VERSION_CHECK: "1",
  };
}
