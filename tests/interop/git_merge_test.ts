/**
 * Real git with the drivers: merge, rebase, cherry-pick and stash put two changed versions of an encrypted file together;
 * what only a person can decide stays unmerged, and `edit` finishes it. Real sops opens every result, and no value is in
 * clear anywhere below the repository, `.git` included.
 */
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { peerTest } from "../support/peers.ts";
import { type Ended, makePerson, READERS, Repository } from "./git_repository.ts";

const PEERS = ["git", ...READERS];
const FILE = "secrets/db.yaml";
const [ME, BOB, CAROL] = [await makePerson(1), await makePerson(2), await makePerson(3)];

const BASE = "# database\ndb:\n  user: clear-user\n  password: clear-old\napi: clear-api\n";
const OURS = BASE.replace("clear-user", "clear-ours");
const THEIRS = BASE.replace("clear-old", "clear-theirs");
const MERGED = OURS.replace("clear-old", "clear-theirs");
const VALUES = ["clear-"];

/** How often a run is killed, at other times each. */
const KILLS = Deno.env.get("SOPSMITH_STRESS") === "full" ? 50 : 8;

/** The ways in which git puts two versions together; ours is what the branch has that is checked out. */
const WAYS: readonly { readonly name: string; readonly merge: (repository: Repository) => Promise<Ended> }[] = [
  { name: "merge", merge: (repository) => repository.run("git", ["merge", "--no-edit", "theirs"]) },
  { name: "cherry-pick", merge: (repository) => repository.run("git", ["cherry-pick", "theirs"]) },
  {
    name: "rebase",
    async merge(repository) {
      await repository.git("switch", "-q", "theirs");
      return await repository.run("git", ["rebase", "main"]);
    },
  },
];

async function twoVersions(
  texts: Readonly<Record<"base" | "ours" | "theirs", string>>,
  file = FILE,
): Promise<Repository> {
  const repository = await Repository.make(ME, [BOB]);
  await repository.branch({
    async base() {
      await repository.put(file, texts.base);
      await repository.sopsmith("git", "setup");
    },
    ours: () => repository.put(file, texts.ours),
    theirs: () => repository.put(file, texts.theirs),
  });
  return repository;
}

for (const { name, merge } of WAYS) {
  peerTest(`git ${name} merges what both sides changed`, PEERS, async () => {
    await using repository = await twoVersions({ base: BASE, ours: OURS, theirs: THEIRS });
    const { code, stdout, stderr } = await merge(repository);
    assertEquals(code, 0, stdout + stderr);
    assertEquals(await repository.plain(FILE), MERGED);
    assertEquals(await repository.git("status", "--porcelain"), "");
    await repository.refuseClear(...VALUES);
  });

  peerTest(`git ${name} leaves a value that both sides changed to a person, and edit finishes`, PEERS, async () => {
    const [ours, theirs] = [BASE.replace("clear-old", "clear-1"), BASE.replace("clear-old", "clear-2")];
    await using repository = await twoVersions({ base: BASE, ours, theirs: theirs.replace("clear-api", "clear-new") });
    const { code, stdout, stderr } = await merge(repository);
    assertEquals(code, 1, stdout + stderr);
    assertStringIncludes(stderr + stdout, `warning: ${FILE}: both sides have changed db.password`);
    assertStringIncludes(stderr + stdout, `next: sopsmith edit ${FILE}`);
    assertStringIncludes(await repository.git("status", "--porcelain"), `UU ${FILE}`);
    assertEquals(await repository.plain(FILE), ours, "our version stands in the work tree, whole");
    assertEquals((await repository.git("ls-files", "-u", FILE)).trim().split("\n").length, 3, "git keeps the versions");
    await repository.refuseClear(...VALUES);
    const doctor = await repository.run("sopsmith", ["doctor", FILE]);
    assertStringIncludes(doctor.stdout, `"${FILE}" is not merged: git keeps the versions of both sides`);
    assertStringIncludes(doctor.stdout, `next: sopsmith edit ${FILE}`);
    for (const flags of [[], ["--staged"]]) {
      const check = await repository.run("sopsmith", ["check", ...flags]);
      assertEquals(check.code, 3, check.stdout + check.stderr);
      assertStringIncludes(check.stdout + check.stderr, "a merge that did not come to an end");
      assertStringIncludes(check.stdout + check.stderr, `sopsmith edit ${FILE} && git add ${FILE}`);
    }

    const unresolved = await repository.run("sopsmith", ["edit", FILE], await repository.editor("s/x/x/"));
    assertEquals(unresolved.code, 1, unresolved.stderr);
    assertStringIncludes(unresolved.stderr, `nothing was saved; ${FILE} is not merged yet`);
    const half = await repository.run("sopsmith", ["edit", FILE], await repository.editor("/=======/d"));
    assertStringIncludes(half.stderr, "line 4 is still a conflict marker");
    assertEquals(half.code, 1);

    const script = "/^<<<<<<</d;/^=======/d;/^>>>>>>>/d;/clear-1/d";
    const edited = await repository.run("sopsmith", ["edit", FILE], await repository.editor(script));
    assertEquals(edited.code, 0, edited.stderr);
    assertEquals(
      await repository.seen(),
      "# database\ndb:\n  user: clear-user\n<<<<<<< ours\n  password: clear-1\n=======\n  password: clear-2\n" +
        ">>>>>>> theirs\napi: clear-new\n",
    );
    assertStringIncludes(edited.stderr, `ok merged ${FILE}\nnext: git add ${FILE}`);
    await repository.git("add", FILE);
    if (name === "merge") await repository.git("commit", "-q", "--no-edit");
    else await repository.git(name, "--continue");
    assertEquals(await repository.plain(FILE), BASE.replace("clear-old", "clear-2").replace("clear-api", "clear-new"));
    assertEquals(await repository.git("status", "--porcelain"), "");
    await repository.refuseClear(...VALUES);
  });
}

peerTest("git stash pop merges, and leaves a value that both sides changed to a person", PEERS, async () => {
  await using repository = await Repository.make(ME);
  await repository.put(FILE, BASE);
  await repository.sopsmith("git", "setup");
  await repository.commit("base");
  for (const [stashed, committed, expected] of [[THEIRS, OURS, MERGED], [MERGED, MERGED, MERGED]] as const) {
    await repository.put(FILE, stashed.replace("clear-api", "clear-stash"));
    await repository.git("stash", "-q");
    await repository.put(FILE, committed);
    await repository.git("commit", "-q", "-a", "--allow-empty", "-m", "committed");
    await repository.git("stash", "pop", "-q");
    assertEquals(await repository.plain(FILE), expected.replace("clear-api", "clear-stash"));
    await repository.git("checkout", "-q", "HEAD", "--", FILE);
  }
  await repository.put(FILE, MERGED.replace("clear-api", "clear-1"));
  await repository.git("stash", "-q");
  await repository.put(FILE, MERGED.replace("clear-api", "clear-2"));
  await repository.commit("other");
  const popped = await repository.run("git", ["stash", "pop"]);
  assertEquals(popped.code, 1);
  assertStringIncludes(await repository.git("status", "--porcelain"), `UU ${FILE}`);
  assertEquals(await repository.plain(FILE), MERGED.replace("clear-api", "clear-2"));
  await repository.refuseClear(...VALUES);
});

/** Merges by other formats: base, ours, theirs, merged. */
const FORMATS: readonly [file: string, base: string, ours: string, theirs: string, merged: string][] = [
  [
    "secrets/a.json",
    '{\n  "a": "clear-1"\n}\n',
    '{\n  "a": "clear-1",\n  "b": "clear-2"\n}\n',
    '{\n  "a": "clear-1",\n  "c": "clear-3"\n}\n',
    '{\n  "a": "clear-1",\n  "b": "clear-2",\n  "c": "clear-3"\n}\n',
  ],
  [
    "secrets/a.env",
    "A=clear-1\nB=clear-2\n",
    "A=clear-3\nB=clear-2\n",
    "A=clear-1\nB=clear-4\n",
    "A=clear-3\nB=clear-4\n",
  ],
  [
    "secrets/a.ini",
    "[x]\na = clear-1\nb = clear-2\n",
    "[x]\na = clear-3\nb = clear-2\n",
    "[x]\na = clear-1\nb = clear-4\n",
    "[x]\na = clear-3\nb = clear-4\n",
  ],
  [
    "secrets/some notes.txt",
    "clear-1\nb\nc\nclear-2\n",
    "clear-3\nb\nc\nclear-2\n",
    "clear-1\nb\nc\nclear-4\n",
    "clear-3\nb\nc\nclear-4\n",
  ],
];

for (const [file, base, ours, theirs, merged] of FORMATS) {
  peerTest(`git merge merges ${file}`, PEERS, async () => {
    await using repository = await twoVersions({ base, ours, theirs }, file);
    await repository.git("merge", "--no-edit", "theirs");
    assertEquals(await repository.plain(file), merged);
    await repository.refuseClear(...VALUES);
  });
}

peerTest("git merge leaves bytes that both sides changed as they are", PEERS, async () => {
  await using repository = await Repository.make(ME);
  const file = "secrets/key.bin";
  const bytes = (last: number): Uint8Array => Uint8Array.of(0xff, 0xfe, 0, 0x80, last);
  await repository.branch({
    async base() {
      await repository.put(file, bytes(0));
      await repository.sopsmith("git", "setup");
    },
    ours: () => repository.put(file, bytes(1)),
    theirs: () => repository.put(file, bytes(2)),
  });
  const { code, stderr, stdout } = await repository.run("git", ["merge", "theirs"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr + stdout, "both sides have changed it, and it is no text");
  const edited = await repository.run("sopsmith", ["edit", file]);
  assertEquals(edited.code, 1);
  assertStringIncludes(edited.stderr, `git checkout --theirs -- ${file}`);
  await repository.git("checkout", "--theirs", "--", file);
  await repository.git("add", file);
  await repository.git("commit", "-q", "--no-edit");
});

/** Who can read the file, by the rule's own words for them. */
async function readers(repository: Repository): Promise<string[]> {
  const { stdout } = await repository.sopsmith("status", "--json", FILE);
  const { files } = JSON.parse(stdout);
  return files[0].readers.flat().map(({ text }: { text: string }) => text).sort();
}

function recipientsOf(...people: { recipient: string }[]): string[] {
  return people.map(({ recipient }) => recipient).sort();
}

peerTest("git merge takes a new recipient of one side, and the values of the other", PEERS, async () => {
  await using repository = await Repository.make(ME, [BOB]);
  await repository.branch({
    async base() {
      await repository.put(FILE, BASE);
      await repository.sopsmith("git", "setup");
    },
    ours: () => repository.put(FILE, OURS),
    async theirs() {
      await repository.writeRules([ME, BOB, CAROL]);
      await repository.sopsmith("updatekeys", "-y", FILE);
      await repository.put(FILE, THEIRS);
    },
  });
  await repository.git("merge", "--no-edit", "theirs");
  assertEquals(await repository.plain(FILE), MERGED);
  assertEquals(await readers(repository), recipientsOf(ME, BOB, CAROL));
  for (const { identity } of [BOB, CAROL]) {
    const { code } = await repository.run("sops", ["decrypt", FILE], { SOPS_AGE_KEY: identity, HOME: "/nonexistent" });
    assertEquals(code, 0, "every recipient opens it");
  }
});

peerTest(
  "git merge keeps out whom one side has removed, and does not go back to the data key they know",
  PEERS,
  async () => {
    await using repository = await Repository.make(ME, [BOB]);
    let old = "";
    await repository.branch({
      async base() {
        await repository.put(FILE, BASE);
        await repository.sopsmith("git", "setup");
        old = await Deno.readTextFile(`${repository.host.cwd}/${FILE}`);
      },
      ours: () => repository.put(FILE, OURS),
      async theirs() {
        await repository.writeRules([ME]);
        await repository.sopsmith("updatekeys", "-y", FILE);
        await repository.sopsmith("rotate", "-i", FILE);
        await repository.put(FILE, THEIRS);
      },
    });
    await repository.git("merge", "--no-edit", "theirs");
    assertEquals(await repository.plain(FILE), MERGED);
    assertEquals(await readers(repository), recipientsOf(ME));
    // What bob has: his entry of the old file, in the place of ours in the new one.
    const text = await Deno.readTextFile(`${repository.host.cwd}/${FILE}`);
    const entries = / +age:\n[\s\S]*?(?= +lastmodified)/;
    await repository.write("forged.yaml", text.replace(entries, entries.exec(old)![0]));
    const forged = await repository.run("sops", ["decrypt", "--ignore-mac", "forged.yaml"], {
      SOPS_AGE_KEY: BOB.identity,
      HOME: "/nonexistent",
    });
    assert(forged.code !== 0 && forged.stdout === "", "the old data key opens nothing of it");
  },
);

peerTest("git merge gives the data key to nobody whom only the other side names", PEERS, async () => {
  await using repository = await Repository.make(ME);
  await repository.branch({
    async base() {
      await repository.put(FILE, BASE);
      await repository.sopsmith("git", "setup");
    },
    async ours() {
      await repository.sopsmith("rotate", "-i", FILE);
      await repository.put(FILE, OURS);
    },
    async theirs() {
      // an entry that somebody has written by hand, with a data key that is none
      const text = await Deno.readTextFile(`${repository.host.cwd}/${FILE}`);
      const [entry = ""] = / +- enc: \|\n[\s\S]*? recipient: [^\n]*\n/.exec(text) ?? [];
      assert(entry !== "", text);
      await repository.write(FILE, text.replace(entry, entry + entry.replace(ME.recipient, BOB.recipient)));
    },
  });
  const { code, stdout, stderr } = await repository.run("git", ["merge", "--no-edit", "theirs"]);
  assertEquals(code, 0, stdout + stderr);
  assertStringIncludes(stderr + stdout, "only the other side names them, and no rule");
  assertEquals(await readers(repository), recipientsOf(ME));
});

peerTest("git merge fails honestly without an identity, and edit finishes where there is one", PEERS, async () => {
  await using repository = await twoVersions({ base: BASE, ours: OURS, theirs: THEIRS });
  const keys = `${repository.host.home}/.config/sops/age/keys.txt`;
  await Deno.rename(keys, `${keys}.away`);
  const { code, stdout, stderr } = await repository.run("git", ["merge", "theirs"]);
  assertEquals(code, 1, stdout + stderr);
  assertStringIncludes(
    stderr + stdout,
    `error: cannot decrypt "${FILE}": no identity on this machine opens its data key`,
  );
  assertStringIncludes(stderr + stdout, `"${FILE}" is not merged: git keeps both versions`);
  assertStringIncludes(stderr + stdout, `hint: see why with: sopsmith doctor ${FILE}`);
  assertStringIncludes(await repository.git("status", "--porcelain"), `UU ${FILE}`);
  await Deno.rename(`${keys}.away`, keys);
  const edited = await repository.sopsmith("edit", FILE);
  assertStringIncludes(edited.stderr, `ok merged ${FILE}\nnext: git add ${FILE}`);
  assertEquals(await repository.plain(FILE), MERGED);
});

peerTest("git merge puts a file together that both sides have made", PEERS, async () => {
  await using repository = await Repository.make(ME);
  await repository.branch({
    async base() {
      await repository.sopsmith("git", "setup");
    },
    ours: () => repository.put(FILE, "a: clear-1\nb: clear-2\n"),
    theirs: () => repository.put(FILE, "a: clear-1\nc: clear-3\n"),
  });
  await repository.git("merge", "--no-edit", "theirs");
  assertEquals(await repository.plain(FILE), "a: clear-1\nb: clear-2\nc: clear-3\n");
  await repository.refuseClear(...VALUES);
});

peerTest("git merge leaves a key that both sides have added with other values", PEERS, async () => {
  const [ours, theirs] = [`${BASE}new: clear-1\n`, `${BASE}new: clear-2\n`];
  await using repository = await twoVersions({ base: BASE, ours, theirs });
  assertEquals((await repository.run("git", ["merge", "theirs"])).code, 1);
  const edited = await repository.run("sopsmith", ["edit", FILE], await repository.editor("/^[<=>]/d;/clear-2/d"));
  assertEquals(edited.code, 0, edited.stderr);
  assertStringIncludes(await repository.seen(), "<<<<<<< ours\nnew: clear-1\n=======\nnew: clear-2\n>>>>>>> theirs\n");
  assertEquals(await repository.plain(FILE), ours);
});

peerTest("git merge encrypts where only one side has encrypted the file", PEERS, async () => {
  await using repository = await Repository.make(ME);
  await repository.branch({
    async base() {
      await repository.write(FILE, BASE);
      await repository.write("secrets/plain.yaml", "a: 1\nb: 2\nc: 3\n");
      await repository.sopsmith("git", "setup");
    },
    async ours() {
      await repository.write(FILE, OURS);
      await repository.write("secrets/plain.yaml", "a: 9\nb: 2\nc: 3\n");
    },
    async theirs() {
      await repository.write(FILE, THEIRS);
      await repository.sopsmith("encrypt", "-i", FILE);
      await repository.write("secrets/plain.yaml", "a: 1\nb: 2\nc: 8\n");
    },
  });
  await repository.git("merge", "--no-edit", "theirs");
  assertEquals(await repository.plain(FILE), MERGED);
  assertEquals(await Deno.readTextFile(`${repository.host.cwd}/secrets/plain.yaml`), "a: 9\nb: 2\nc: 8\n");
});

peerTest("edit finishes a merge that git has begun without the drivers", PEERS, async () => {
  await using repository = await twoVersions({ base: BASE, ours: OURS, theirs: THEIRS });
  await repository.sopsmith("git", "setup", "--undo");
  await repository.commit("undo");
  assertEquals((await repository.run("git", ["merge", "theirs"])).code, 1);
  assertStringIncludes(await Deno.readTextFile(`${repository.host.cwd}/${FILE}`), "<<<<<<<");
  const doctor = await repository.run("sopsmith", ["doctor", FILE]);
  assertStringIncludes(doctor.stdout, `next: sopsmith edit ${FILE}`);
  const edited = await repository.sopsmith("edit", FILE);
  assertStringIncludes(edited.stderr, `ok merged ${FILE}`);
  assertEquals(await repository.plain(FILE), MERGED);
  const again = await repository.run("sopsmith", ["edit", FILE], await repository.editor("s/clear-api/clear-new/"));
  assertStringIncludes(again.stderr, "is not merged in git, but was changed since: what stands there is edited");
  assertEquals(await repository.plain(FILE), MERGED.replace("clear-api", "clear-new"));
  await repository.refuseClear(...VALUES);
});

peerTest("the merge driver leaves our version or the merged one when it is killed", PEERS, async () => {
  await using repository = await twoVersions({ base: BASE, ours: OURS, theirs: THEIRS });
  const versions: Record<string, Uint8Array> = {};
  for (const [name, commit] of [["base", "main~1"], ["ours", "main"], ["theirs", "theirs"]] as const) {
    versions[name] = new TextEncoder().encode(await repository.git("show", "--no-textconv", `${commit}:${FILE}`));
    await repository.write(`.merge_file_${name}`, versions[name]);
  }
  const args = ["git", "merge", "--", ".merge_file_base", ".merge_file_ours", ".merge_file_theirs", FILE];
  const started = Date.now();
  assertEquals((await repository.run("sopsmith", args)).code, 0);
  const durationMs = Date.now() - started;
  const ends = { ours: 0, merged: 0 };
  for (let kill = 0; kill < KILLS; kill++) {
    await repository.write(".merge_file_ours", versions["ours"]!);
    const limit = `${(durationMs * (kill + 1)) / KILLS / 1000}`;
    await repository.run("timeout", ["-s", "KILL", limit, "sopsmith", ...args]);
    const left = await Deno.readTextFile(`${repository.host.cwd}/.merge_file_ours`);
    if (left === new TextDecoder().decode(versions["ours"])) ends.ours++;
    else {
      const { stdout } = await repository.sopsmith("decrypt", "--input-type", "yaml", ".merge_file_ours");
      assertEquals(stdout, MERGED);
      ends.merged++;
    }
  }
  assert(ends.ours > 0, `some runs are killed before they write: ${JSON.stringify(ends)}`);
  await repository.refuseClear(...VALUES);
  // git itself, killed with its driver; afterwards everything can be begun again
  await repository.run("timeout", ["-s", "KILL", "0.1", "git", "merge", "--no-edit", "theirs"]);
  await Deno.remove(`${repository.host.cwd}/.git/index.lock`).catch(() => {});
  await repository.git("reset", "-q", "--hard", "main");
  await repository.git("merge", "-q", "--no-edit", "theirs");
  assertEquals(await repository.plain(FILE), MERGED);
  await repository.refuseClear(...VALUES);
});

for (const isDecidedTwice of [false, true]) {
  const what = isDecidedTwice ? "asks where they decided differently" : "merges what only one of them changed since";
  peerTest(`git merge of branches that were merged crosswise ${what}`, PEERS, async () => {
    const ours = isDecidedTwice ? OURS.replace("clear-old", "clear-3") : OURS;
    await using repository = await twoVersions({ base: BASE, ours, theirs: THEIRS });
    const decide = async (kept: string, other: string): Promise<void> => {
      const { code } = await repository.run("git", ["merge", "-q", "--no-edit", kept]);
      assertEquals(code, isDecidedTwice ? 1 : 0);
      if (!isDecidedTwice) return;
      const edited = await repository.run("sopsmith", ["edit", FILE], await repository.editor(`/^[<=>]/d;/${other}/d`));
      assertEquals(edited.code, 0, edited.stderr);
      await repository.commit("decided");
    };
    // two merges of the same two commits: a merge of these has two bases
    await repository.git("branch", "first", "main");
    await repository.git("switch", "-q", "-c", "other", "theirs");
    await decide("first", "clear-3");
    await repository.git("switch", "-q", "main");
    await decide("theirs", "clear-theirs");
    const merged = (password: string): string => OURS.replace("clear-old", password);
    await repository.put(FILE, merged(isDecidedTwice ? "clear-3" : "clear-theirs").replace("clear-api", "clear-1"));
    await repository.commit("ours again");
    await repository.git("switch", "-q", "other");
    await repository.put(FILE, merged("clear-theirs").replace("clear-ours", "clear-2"));
    await repository.commit("theirs again");
    const { code, stdout, stderr } = await repository.run("git", ["merge", "--no-edit", "main"]);
    assertEquals(code, isDecidedTwice ? 1 : 0, stdout + stderr);
    if (isDecidedTwice) assertStringIncludes(stdout + stderr, "db.password\nnext: sopsmith edit");
    else {
      const expected = merged("clear-theirs").replace("clear-ours", "clear-2").replace("clear-api", "clear-1");
      assertEquals(await repository.plain(FILE), expected);
    }
    await repository.refuseClear(...VALUES);
  });
}

peerTest("git merge in a folder below the root prints steps for that folder", PEERS, async () => {
  const texts = {
    base: BASE,
    ours: BASE.replace("clear-old", "clear-1"),
    theirs: BASE.replace("clear-old", "clear-2"),
  };
  await using repository = await twoVersions(texts);
  const merged = await repository.run("git", ["-C", "secrets", "merge", "theirs"]);
  assertStringIncludes(merged.stderr, "next: sopsmith edit db.yaml\n");
  await repository.git("merge", "--abort");
  await Deno.remove(`${repository.host.home}/.config/sops/age/keys.txt`);
  await Deno.mkdir(`${repository.host.cwd}/other`);
  const failed = await repository.run("git", ["merge", "theirs"], { GIT_PREFIX: "" });
  assertStringIncludes(failed.stderr, `sopsmith doctor ${FILE}`);
  await repository.git("merge", "--abort");
  const below = await repository.run("git", ["-C", "other", "merge", "theirs"]);
  assertStringIncludes(below.stderr, `sopsmith doctor ../${FILE}`);
});
