/** No identity stands in the arguments or the environment of any process while keygen runs. */
import { assert, assertEquals } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { IS_FULL, Machine } from "../support/stress_program.ts";

const RUNS = IS_FULL ? 20 : 4;

/**
 * Prints the arguments and environment of all processes, over and over, until a file is there. A shell, because Deno
 * guards /proc.
 */
const SAMPLER =
  'until [ -e "$1" ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; done';

peerTest("keygen shows no identity in the process list", ["sh", "tr", "cat", "git"], async () => {
  await using machine = await Machine.create();
  const stop = `${machine.root}/stop`;
  const sampler = new Deno.Command("sh", { args: ["-c", SAMPLER, "sh", stop], stdout: "piped" }).spawn();
  let samples = "";
  const sampling = (async () => {
    for await (const text of sampler.stdout.pipeThrough(new TextDecoderStream())) {
      samples += [...text.matchAll(/AGE-SECRET-KEY-\S*|^keygen$/gm)].map(([line]) => `${line}\n`).join("");
    }
  })();
  for (let i = 0; i < RUNS; i++) assertEquals((await machine.run(["keygen", "--force"])).code, 0);
  await Deno.writeTextFile(stop, "");
  await sampling;
  await sampler.status;
  assert(samples.includes("keygen"), "the sampler saw keygen run");
  assert(!samples.includes("AGE-SECRET-KEY"), "no identity among the arguments and environments");
});
