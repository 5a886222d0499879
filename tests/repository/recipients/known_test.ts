/** The recipients that a `.sops.yaml` knows, and which of them a person means. */
import { parseSopsConfig } from "../../../lib/config/rules/sops_config_read.ts";
import {
  findKnownRecipient,
  listKnownRecipients,
  refuseIdentity,
  requireKnownRecipient,
} from "../../../lib/repository/recipients/known.ts";
import { assertEquals, assertThrows, assertUserError } from "../../support/assert.ts";

const K1 = "age1nnex5ux37j99yml5cx8g44qfs7wrpfcrf02uhmn2y9zck97cgccsc4pfg8";
const K2 = "age13k8kz6sc28j46rgleh9sfaxucup2gg73wyfvlr6xykw0a9r6ryys38ts8c";
const PGP = "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4";

const CONFIG = parseSopsConfig(
  `keys:
  - &alice ${K1}
  - &carol FBC7 B9E2 A4F9 289A C0C1 D484 3D16 CEE4 A273 81B4
  - &cloud arn:aws:kms:us-east-1:111122223333:key/test
  - &pair ${K1},${K2}
creation_rules:
  - path_regex: one
    key_groups:
      - age:
          - *alice
          - ${K2} # bob
        pgp: [*carol]
  - path_regex: two
    key_groups:
      - age: [${K2}]
      - age:
          - ${K1} # ali
  - path_regex: three
    pgp: age1notage # bob
`,
  "/r/.sops.yaml",
);

const KNOWN = listKnownRecipients(CONFIG);

function find(wanted: string): string | undefined {
  return findKnownRecipient(KNOWN, wanted)?.text;
}

Deno.test("listKnownRecipients() has every key once, with its names, type and rules", () => {
  assertEquals(
    KNOWN.map(({ type, text, names, rules }) => [type, text, names, rules.map(({ index }) => index)]),
    [
      ["age", K1, ["alice", "ali"], [0, 1]],
      ["pgp", PGP, ["carol"], [0]],
      ["kms", "arn:aws:kms:us-east-1:111122223333:key/test", ["cloud"], []],
      ["age", K2, ["bob"], [0, 1]],
      ["pgp", "age1notage", ["bob"], [2]],
    ],
  );
});

Deno.test("findKnownRecipient() takes a name, the key and the key as it is shown", () => {
  assertEquals(["alice", "ali", K1, "age1nnex…4pfg8", "FBC7B9E2…381B4"].map(find), [K1, K1, K1, K1, PGP]);
  assertEquals([find("nobody"), find("age1nnex")], [undefined, undefined]);
});

Deno.test("findKnownRecipient() refuses a name of several keys and lists them", () => {
  const error = assertUserError(assertThrows(() => find("bob")), "usage", /2 recipients/);
  assertEquals(error.details, ["age13k8k…8ts8c   rules 1, 2", "age1notage   rule 3"]);
});

Deno.test("requireKnownRecipient() knows what was probably meant", () => {
  assertUserError(assertThrows(() => requireKnownRecipient(CONFIG, KNOWN, "alcie")), "usage", /did you mean "alice"/);
  const other = "age1xwdd0y2uylukmqs34fft8gxdyucyvqqnmqaeq9c7d5zng4sp7syszhdzkg";
  assertUserError(assertThrows(() => requireKnownRecipient(CONFIG, KNOWN, other)), "usage", /"age1xwdd…hdzkg"/);
});

Deno.test("refuseIdentity() shows nothing of a private key", () => {
  refuseIdentity("alice");
  const error = assertUserError(assertThrows(() => find("AGE-SECRET-KEY-1TESTKEY")), "malformed");
  assertEquals(`${error.message}${error.hints}`.includes("TESTKEY"), false);
});
