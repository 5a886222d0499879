/**
 * `recipient add --ssh-host` against a real `sshd` on this machine, through the real `ssh-keyscan`.
 *
 * @module
 */
import { run } from "../../main.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";
import { runPeer } from "../support/interop_peers.ts";
import { testHost } from "../support/test_host.ts";

const ALICE = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";

/** Not one that the system gives to clients by itself. */
const PORT = "22022";

/** How long an sshd may take to listen, in milliseconds. */
const START_TIMEOUT_MS = 5000;

/** @returns where sshd is, which it must be told because it starts itself again */
function findServer(): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      if (Deno.statSync(`${folder}/sshd`).isFile) return `${folder}/sshd`;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** @returns once the program has written that it listens */
async function waitForListening(stderr: ReadableStream<Uint8Array>): Promise<void> {
  let text = "";
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  for await (const piece of stderr.values({ preventCancel: true })) {
    text += new TextDecoder().decode(piece);
    if (text.includes("Server listening")) return;
    timeout.throwIfAborted();
  }
  throw new Error(`sshd does not start: ${text}`);
}

const SERVER = findServer();
const NAME = "recipient add --ssh-host reads the key of a real sshd";

// left out where no server is installed, even in the gate: a machine that is built on has none
Deno.test({ name: SERVER === undefined ? `${NAME} [needs sshd]` : NAME, ignore: SERVER === undefined }, async () => {
  await using host = await testHost({ files: { ".sops.yaml": `creation_rules:\n  - age: ${ALICE}\n` } });
  const key = host.path("host_key");
  assertEquals((await runPeer(host, "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])).code, 0);
  const fingerprint = (await runPeer(host, "ssh-keygen", ["-lf", key])).stdout.split(" ")[1] ?? "";
  const server = new Deno.Command(SERVER!, {
    args: ["-D", "-e", "-f", "/dev/null", "-h", key, "-p", PORT, "-o", "PidFile=none", "-o", "ListenAddress=127.0.0.1"],
    stderr: "piped",
    stdout: "null",
  }).spawn();
  try {
    await waitForListening(server.stderr);
    const add = ["recipient", "add", "web1", "--ssh-host", `127.0.0.1:${PORT}`];
    assertEquals(await run(add, host), 2);
    assertStringIncludes(host.written("stderr"), fingerprint);
    assertEquals(await run([...add, "--fingerprint", fingerprint], host), 0, host.written("stderr"));
  } finally {
    server.kill();
    await server.stderr.cancel();
    await server.status;
  }
  assertEquals(await run(["ssh-to-age", "-i", `${key}.pub`], host), 0);
  const recipient = host.written("stdout").trim();
  assertEquals(await host.readText(".sops.yaml"), `creation_rules:\n  - age: ${ALICE},${recipient}\n`);
});
