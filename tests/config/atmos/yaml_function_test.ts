import { pathsOf } from "../../support/paths.ts";
import {
  callYamlFunction,
  type FunctionContext,
  type FunctionResult,
} from "../../../lib/config/atmos/yaml_function.ts";
import { assertEquals } from "../../support/assert.ts";

function call(name: string, argument: string, context: Partial<FunctionContext> = {}): FunctionResult {
  const env: Record<string, string> = { SET: " value ", EMPTY: "" };
  const host = {
    env: (variable: string): string | undefined => env[variable],
    cwd: "/repo/sub",
    paths: pathsOf("linux"),
  };
  return callYamlFunction(name, argument, { host, gitRoot: "/repo", ...context });
}

const NO_REPOSITORY = { gitRoot: undefined };

Deno.test("callYamlFunction() answers !env", () => {
  assertEquals(call("!env", "SET"), { type: "text", text: "value" });
  assertEquals(call("!env", "SET fallback"), { type: "text", text: "value" });
  assertEquals(call("!env", "EMPTY fallback"), { type: "text", text: "" });
  assertEquals(call("!env", "UNSET fallback"), { type: "text", text: "fallback" });
  assertEquals(call("!env", `UNSET "two words"`), { type: "text", text: "two words" });
  assertEquals(call("!env", `'UNSET' ''`), { type: "text", text: "" });
  assertEquals(call("!env", "UNSET"), { type: "unset", variable: "UNSET" });
});

Deno.test("callYamlFunction() finds mistakes in !env", () => {
  assertEquals(call("!env", ""), { type: "mistake", problem: "!env without a variable's name" });
  assertEquals(call("!env", "A b c"), { type: "mistake", problem: "!env with 3 words, expected a name and a default" });
});

Deno.test("callYamlFunction() answers !repo-root and its other name", () => {
  assertEquals(call("!repo-root", ""), { type: "text", text: "/repo" });
  assertEquals(call("!git.root", "."), { type: "text", text: "/repo" });
  assertEquals(call("!repo-root", ".", NO_REPOSITORY), { type: "text", text: "." });
  assertEquals(call("!repo-root", "", NO_REPOSITORY), {
    type: "refused",
    reason: "which has no answer outside of a git work tree",
  });
});

Deno.test("callYamlFunction() answers !cwd", () => {
  assertEquals(call("!cwd", ""), { type: "text", text: "/repo/sub" });
  assertEquals(call("!cwd", "../x"), { type: "text", text: "/repo/x" });
});

for (
  const name of [
    "!exec",
    "!store",
    "!store.get",
    "!secret",
    "!terraform.output",
    "!terraform.state",
    "!template",
    "!aws.region",
    "!random",
    "!unheard-of",
  ]
) {
  Deno.test(`callYamlFunction() never runs ${name}`, () => {
    assertEquals(call(name, "anything"), { type: "refused", reason: "which sopsmith never runs" });
  });
}

Deno.test("callYamlFunction() reads no text of whole files", () => {
  assertEquals(call("!include.raw", "x.yaml"), {
    type: "refused",
    reason: "which stands for the whole text of a file",
  });
});
