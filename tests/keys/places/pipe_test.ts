import { readPlaceFile } from "../../../lib/keys/places/read_place.ts";
import { assert, assertEquals } from "../../support/assert.ts";
import { peerTest } from "../../support/peers.ts";
import { runIsolated, testHost } from "../../support/test_host.ts";

peerTest("readPlaceFile() waits for a pipe, says so, and gives up where nobody writes", ["mkfifo"], async () => {
  await using host = await testHost();
  const path = host.path("pipe");
  await runIsolated("mkfifo", [path], { cwd: host.cwd, env: { PATH: host.env("PATH") ?? "" } });
  const { found } = await readPlaceFile(host, path, { isSshKey: false });
  assert(found.kind === "unreadable" && /nobody wrote into the pipe for 10 s$/.test(found.error.message));
  assertEquals(host.written("stderr"), `note: waiting for somebody to write into the pipe "${path}"\n`);
  await Deno.writeTextFile(path, "# nothing but a comment\n"); // the reader that gave up is still there
});

peerTest("readPlaceFile() reads what comes out of a pipe", ["mkfifo"], async () => {
  await using host = await testHost();
  const path = host.path("pipe");
  await runIsolated("mkfifo", [path], { cwd: host.cwd, env: { PATH: host.env("PATH") ?? "" } });
  const reading = readPlaceFile(host, path, { isSshKey: false });
  await Deno.writeTextFile(path, "# a comment\n");
  const { found } = await reading;
  assert(found.kind === "keys");
  assertEquals([found.keys.entries.length, host.written("stderr")], [0, ""]);
});
