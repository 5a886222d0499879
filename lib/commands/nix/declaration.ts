/**
 * `nix …` as the command table has it: data, bound to bodies that are loaded when they run.
 *
 * @module
 */
import { command, type CommandSpec } from "../shared/command.ts";
import type { NixKeyConvertFlags } from "./key_convert_secret_to_public.ts";
import type { NixKeyGenerateFlags } from "./key_generate_secret.ts";
import type { NixStoreSignFlags } from "./store_sign.ts";
import type { NixStoreVerifyFlags } from "./store_verify.ts";
import { JSON_FLAG } from "../shared/shared_flags.ts";

/** Flags of every command of nix, which say how it builds, downloads and logs. */
const NIX_FLAGS = {
  "--debug": 0,
  "--quiet": 0,
  "--verbose": 0,
  "-v": 0,
  "--print-build-logs": 0,
  "-L": 0,
  "--offline": 0,
  "--refresh": 0,
  "--impure": 0,
  "--log-format": 1,
  "--extra-experimental-features": 1,
  "--experimental-features": 1,
  "--option": 2,
} as const;

const RECURSIVE_FLAG = {
  brief: "for paths of a store, in the command of nix that is printed: what they need, too",
  letter: "r",
} as const;

/** `nix …`. */
export const NIX_COMMANDS: readonly CommandSpec[] = [
  command<NixKeyGenerateFlags>({
    words: ["nix", "key", "generate-secret"],
    ignored: NIX_FLAGS,
    versionWords: ["--version"],
    brief: "Make a signing key for a Nix binary cache",
    description: [
      "Prints the secret key as nix does, without a newline; with --out, writes it to FILE, which only you can read,",
      "and the public key to FILE.pub, and prints the public key. A file that is there is never overwritten.",
    ],
    flags: {
      keyName: { brief: "name of the key; custom is the cache's host name, a dash and a number", value: "NAME" },
      next: { brief: "name it as the successor of the secret key in FILE: -2 after -1", value: "FILE" },
      out: { brief: "write the key to FILE and its public half to FILE.pub", letter: "o", value: "FILE" },
      reveal: { brief: "print the secret key even on a terminal" },
      nixConf: { brief: "print the lines of nix.conf that use and trust the key (with --out)" },
      dryRun: { brief: "show what would be written, make no key, write nothing (with --out)" },
      json: { brief: "names and the public key as JSON on stdout (with --out)" },
    },
    examples: [
      {
        line: "sopsmith nix key generate-secret --key-name cache.example.org-1 --out cache.sec",
        purpose: "a key in two files",
      },
      {
        line: "sopsmith nix key generate-secret --next cache.sec --out cache-2.sec",
        purpose: "its successor",
      },
    ],
    load: async () => (await import("./key_generate_secret.ts")).nixKeyGenerateSecret,
  }),
  command<NixKeyConvertFlags>({
    words: ["nix", "key", "convert-secret-to-public"],
    ignored: NIX_FLAGS,
    versionWords: ["--version"],
    brief: "Print the public half of a Nix signing key",
    description: [
      "Reads the secret key from standard input, and asks for it on a terminal; prints the public key as nix does,",
      "without a newline. Also checks that the two halves inside the secret key belong together.",
    ],
    flags: { json: JSON_FLAG },
    examples: [
      { line: "sopsmith nix key convert-secret-to-public < cache.sec", purpose: "the key that others trust" },
    ],
    load: async () => (await import("./key_convert_secret_to_public.ts")).nixKeyConvertSecretToPublic,
  }),
  command<NixStoreSignFlags>({
    words: ["nix", "store", "sign"],
    ignored: NIX_FLAGS,
    versionWords: ["--version"],
    brief: "Sign the paths of a binary cache folder",
    description: [
      "Adds one Sig line for each key to .narinfo files; a folder stands for all of them in it. A file that has the",
      "signature already is left alone, and nothing else in a file changes. Paths in /nix/store are signed by nix itself.",
    ],
    arguments: [{ name: "FILE", isRequired: true, isRepeated: true }],
    flags: {
      keyFile: { brief: "secret key to sign with (repeatable)", value: "FILE", isRepeated: true },
      recursive: RECURSIVE_FLAG,
      dryRun: { brief: "show the change of each file, write nothing" },
      json: JSON_FLAG,
    },
    examples: [
      { line: "sopsmith nix store sign --key-file cache.sec ./cache", purpose: "every path in the folder" },
    ],
    spellings: { "-k": "--key-file" },
    load: async () => (await import("./store_sign.ts")).nixStoreSign,
  }),
  command<NixStoreVerifyFlags>({
    words: ["nix", "store", "verify"],
    ignored: NIX_FLAGS,
    versionWords: ["--version"],
    brief: "Check the signatures of a binary cache folder",
    description: [
      "Lists which paths are signed by a trusted key; exit code 3 when one is not. A content-addressed path needs no",
      "signature. Reads the .narinfo files only, unless --contents asks for the archives as well.",
    ],
    arguments: [{ name: "FILE", isRequired: true, isRepeated: true }],
    flags: {
      trustedPublicKeys: {
        brief: "public keys to trust, with blanks between them (repeatable)",
        value: "KEYS",
        isRepeated: true,
      },
      sigsNeeded: { brief: "how many different keys must have signed (default: 1)", value: "N" },
      recursive: RECURSIVE_FLAG,
      contents: { brief: "also check that each archive is there and unpacks to what is signed" },
      json: JSON_FLAG,
    },
    examples: [
      {
        line: 'sopsmith nix store verify --trusted-public-keys "$(cat cache.sec.pub)" ./cache',
        purpose: "every path in the folder",
      },
    ],
    spellings: { "-n": "--sigs-needed" },
    load: async () => (await import("./store_verify.ts")).nixStoreVerify,
  }),
];
