const [K1,K2,K3]=["age1wfg50vfxqx8rzc69ne40kr6ype909ny8w30kpr09ct983py4tqus4elu6x","age14lejtnyvz8v4yuq54wqn2a28dup5qd73t9388kzytjrr5k0tmd2sgjyd8x","age189jtdalln9hyq48mrquv8vrktke6rk3zfk4sct0pywp6n2q8yyxsm6gdsx"];
import { readSopsConfig } from "../lib/config/sops_config_read.ts";
import { findWinningRule } from "../lib/config/path_match.ts";
let seed = Number(Deno.args[0] ?? 1); const N = Number(Deno.args[1] ?? 1500);
function rnd(n: number) { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor(seed / 4294967296 * n); }
const bases = [
`keys:
  - &a ${K1}
  - &b ${K2}
creation_rules:
  - path_regex: ^a/.*\\.yaml$ # first
    key_groups:
      - age:
          - *a
          - *b
  - path_regex: b
    shamir_threshold: 1
    encrypted_regex: "^(data|x)$"
    age: >-
      ${K1},
      ${K3}
`,
`# top
creation_rules:
- age: [${K1}, "${K2}"]
  path_regex: 'a'
  mac_only_encrypted: yes
- &base
  path_regex: b
  age:
    # alice
    - ${K3}
    - ${K2}
- <<: *base
  path_regex: c
stores: {yaml: {indent: 2}}
`,
`creation_rules: [{path_regex: a, age: "${K1},${K2}"}, {path_regex: b, key_groups: [{age: [${K1}], merge: [{age: [${K1}, ${K3}]}]}, {age: ["${K2}"]}]}]
`,
`---
x: &team
  - ${K1}
  - ${K2}
creation_rules:
  - path_regex: a|b
    age: *team
  - key_groups: &g
    - age: *team
    - age:
      - ${K3}
    shamir_threshold: 2
    unencrypted_suffix: _u
  - path_regex: "c\\\\.x"
    key_groups: *g
`,
`creation_rules:
  - path_regex: a
    age: |
      ${K1},
      ${K2}
    unencrypted_regex: 'it''s'
  - path_regex: b
    age: ${K1},
      ${K2}
  - {path_regex: c, age: ${K1}}
  -
    age: '${K1}'
`];
const CH = [..." \t\n:-#,[]{}&*!|>'\"%@`?~\\.<x1=\r\u0085\ufeff\u2028é", "  ", "\n  ", ": ", "- ", " #", "&n ", "*a", "!!str ", "!t ", "<<: *a\n", "---\n", "...\n", "null", "true", "1", "? ", "\r\n", "''", '""', "{}", "[]", "|-\n", ">\n", "!!int ", "age: "];
function mutate(s: string) {
  const k = 1 + rnd(2);
  for (let i = 0; i < k; i++) {
    const at = rnd(s.length + 1);
    switch (rnd(6)) {
      case 0: case 1: s = s.slice(0, at) + CH[rnd(CH.length)] + s.slice(at); break;
      case 2: s = s.slice(0, at) + s.slice(at + 1 + rnd(3)); break;
      case 3: s = s.slice(0, at) + CH[rnd(CH.length)] + s.slice(at + 1); break;
      case 4: { const L = s.split("\n"); const l = rnd(L.length); const m = rnd(4);
        if (m === 0) L.splice(l, 1); else if (m === 1) L.splice(l, 0, L[rnd(L.length)]); else if (m === 2) L[l] = " " + L[l]; else L[l] = L[l].replace(/^ {1,2}/, "");
        s = L.join("\n"); break; }
      case 5: { const bounds = [...s.matchAll(/[^\w]\b|\b/g)].map(m => m.index!); const b = bounds[rnd(bounds.length)] ?? 0; s = s.slice(0, b) + CH[rnd(CH.length)] + s.slice(b); break; }
    }
  }
  return s;
}
const cases: {Source: string, Paths: string[]}[] = [];
for (const b of bases) cases.push({ Source: b, Paths: ["a/x.yaml", "b", "c.x", "zz"] });
while (cases.length < N) cases.push({ Source: mutate(bases[rnd(bases.length)]), Paths: ["a/x.yaml", "b", "c.x", "zz"] });
const p = new Deno.Command("/tmp/h1/truth/truth", { stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
const w = p.stdin.getWriter(); w.write(new TextEncoder().encode(JSON.stringify(cases))); w.close();
const out = JSON.parse(new TextDecoder().decode((await p.output()).stdout));
let lenient = 0, strict = 0, differ = 0, both = 0, bothNo = 0;
const strictReasons = new Map<string, number>();
cases.forEach((c, i) => {
  const t = out[i]; let cfg, err: Error | undefined;
  try { cfg = readSopsConfig(c.Source, "x"); } catch (e) { err = e as Error; if (err.name !== "UserError") { console.log("CRASH", err.stack, JSON.stringify(c.Source)); return; } }
  if (t.Error && err) { bothNo++; return; }
  if (t.Error) { lenient++; if (lenient <= 12) console.log("LENIENT", t.Error.replace(/\n/g, " ").slice(0, 160), "\n" + c.Source.replace(/age1\w{50}/g, "K").replace(/[\t\r\u0085\ufeff\u2028]/g, (x) => JSON.stringify(x)), "\n======"); return; }
  if (err) { strict++; const r = err.message.replace(/.*?column \d+: /, ""); strictReasons.set(r, (strictReasons.get(r) ?? 0) + 1); if (Deno.args[2] && r.includes(Deno.args[2])) console.log("STRICT", err.message, "\n" + (err as any).details.join("\n"), "\n=====\n" + JSON.stringify(c.Source)); return; }
  both++;
  c.Paths.forEach((path, j) => {
    const truth = t.Winner[j]; let mine: unknown;
    try {
      if (!cfg!.hasCreationRules) mine = null;
      else {
        const r = findWinningRule(cfg!, path);
        if (!r) mine = "none";
        else mine = { groups: r.groups.map((g) => g.keys.map((k) => k.type + " " + k.text)), threshold: r.shamirThreshold ?? 0, mac: r.macOnlyEncrypted,
          sel: ["unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex", "unencrypted_comment_regex", "encrypted_comment_regex"].map((s) => (r.selectors as any)[s] ?? "") };
      }
    } catch (e) { mine = "regex " + (e as Error).message; }
    const tt = JSON.stringify(truth), mm = JSON.stringify(mine);
    if (typeof truth === "string" && (typeof mine === "string" || /recipient|more than one|invalid .* key/.test(truth))) return;
    const norm = (x: any) => x && typeof x === "object" ? JSON.stringify({ g: x.groups, t: x.threshold, m: x.mac, s: x.sel }) : JSON.stringify(x);
    if (norm(truth) !== norm(mine)) { differ++; if (differ <= 8) console.log("DIFFER", path, "\n go  ", tt, "\n mine", mm, "\n" + JSON.stringify(c.Source), "\n====="); }
  });
});
console.log({ both, bothNo, lenient, strict, differ });
for (const [r, n] of [...strictReasons].sort((a, b) => b[1] - a[1])) console.log("  strict", n, r);
