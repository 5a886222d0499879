/**
 * The JSON Schemas of what commands about private and public keys print with `--json`. Pure.
 *
 * @module
 */
import { ERROR_KINDS } from "../../lib/base/error.ts";
import { BOOLEAN, COUNT, listOf, NUMBER, objectOf, oneOfTexts, orNull, type Schema, TEXT } from "./schema.ts";

const IDENTITY_KIND = oneOfTexts("x25519", "hybrid", "plugin");

const IMPORTED = objectOf({ name: orNull(TEXT), recipient: orNull(TEXT), kind: IDENTITY_KIND });

const IDENTITY_IMPORT = objectOf({
  path: TEXT,
  dryRun: BOOLEAN,
  rewrittenFrom: orNull(TEXT),
  imported: listOf(IMPORTED),
  present: listOf(IMPORTED),
});

const IDENTITY_LIST = objectOf({
  places: listOf(objectOf({
    source: TEXT,
    path: orNull(TEXT),
    state: oneOfTexts("read", "missing", "unusable", "unopened"),
    remark: orNull(TEXT),
    identities: listOf(objectOf({
      name: orNull(TEXT),
      nameInConfig: orNull(TEXT),
      recipient: orNull(TEXT),
      kind: IDENTITY_KIND,
      created: orNull(TEXT),
      config: orNull(TEXT),
      line: NUMBER,
    })),
  })),
});

const IDENTITY_PROTECT = objectOf({ path: TEXT, dryRun: BOOLEAN, isProtected: BOOLEAN, changed: BOOLEAN });

const IDENTITY_PUBLIC = objectOf({
  path: TEXT,
  recipients: listOf(objectOf({ recipient: TEXT, kind: IDENTITY_KIND, line: NUMBER })),
});

const IDENTITY_STORE = objectOf({ vault: TEXT, recipient: TEXT, service: TEXT, account: TEXT, dryRun: BOOLEAN });

const NIX_PUBLIC_KEY = objectOf({ name: TEXT, publicKey: TEXT });

const NIX_KEY_PAIR = objectOf({
  name: TEXT,
  changed: BOOLEAN,
  change: oneOfTexts("made", "completed"),
  dryRun: BOOLEAN,
  publicKey: orNull(TEXT),
  secretKeyFile: TEXT,
  publicKeyFile: TEXT,
  "nixConf?": listOf(TEXT),
  "diff?": TEXT,
});

const NIX_STORE_SIGN = objectOf({
  keys: listOf(TEXT),
  dryRun: BOOLEAN,
  files: listOf(objectOf({ path: TEXT, storePath: TEXT, added: listOf(TEXT) })),
  "diff?": TEXT,
});

const NIX_STORE_VERIFY = objectOf({
  sigsNeeded: COUNT,
  trustedKeys: listOf(TEXT),
  contents: BOOLEAN,
  paths: listOf({
    anyOf: [
      objectOf({
        file: TEXT,
        storePath: { type: "null" },
        isTrusted: BOOLEAN,
        error: objectOf({ kind: oneOfTexts(...ERROR_KINDS), message: TEXT }),
      }),
      objectOf({
        file: TEXT,
        storePath: TEXT,
        isTrusted: BOOLEAN,
        contentAddress: oneOfTexts("own", "other", "absent"),
        goodKeys: listOf(TEXT),
        wrongKeys: listOf(TEXT),
        unknownKeys: listOf(TEXT),
        damagedSignatures: COUNT,
        "archive?": objectOf({ state: oneOfTexts("right", "stored", "missing", "wrong", "unknown"), "why?": TEXT }),
      }),
    ],
  }),
});

const SSH_TO_AGE: Schema = {
  anyOf: [
    objectOf({ recipient: TEXT, path: orNull(TEXT), written: BOOLEAN }),
    objectOf({
      recipients: listOf(objectOf({ recipient: TEXT, names: listOf(TEXT), fingerprint: orNull(TEXT) })),
      skipped: listOf(objectOf({ line: NUMBER, names: listOf(TEXT), reason: TEXT })),
    }),
  ],
};

/** What each of these commands prints on success, by its words. */
export const KEY_RESULTS: readonly (readonly [words: string, result: Schema])[] = [
  ["identity import", IDENTITY_IMPORT],
  ["identity list", IDENTITY_LIST],
  ["identity protect", IDENTITY_PROTECT],
  ["identity public", IDENTITY_PUBLIC],
  ["identity store", IDENTITY_STORE],
  ["identity unprotect", IDENTITY_PROTECT],
  ["nix key convert-secret-to-public", NIX_PUBLIC_KEY],
  ["nix key generate-secret", NIX_KEY_PAIR],
  ["nix store sign", NIX_STORE_SIGN],
  ["nix store verify", NIX_STORE_VERIFY],
  ["ssh-to-age", SSH_TO_AGE],
];
