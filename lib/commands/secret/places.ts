/**
 * Which file each secret is in: what the stack manifests declare, else the file of the one vault that the flags mean. I/O
 * through the host. Spec: vaults §5.
 *
 * @module
 */
import { UserError } from "../../base/error.ts";
import type { Session } from "../../base/show/session.ts";
import { suggest } from "../../base/show/suggest.ts";
import { findMap } from "../../config/atmos/layers.ts";
import { type Declaration, listDeclarations } from "../../config/stacks/declaration.ts";
import type { StackScope } from "../../config/stacks/stack.ts";
import { selectVault } from "../../config/vaults/select.ts";
import type { Vault, VaultConfig } from "../../config/vaults/vault.ts";
import { findAskedScope, readVaultConfig } from "../shared/vault_identity.ts";
import { createTarget, type SecretFlags, type SecretTarget } from "./target.ts";

/** A declared secret, with the stack and the component that it is declared for. */
export interface DeclaredSecret extends Declaration {
  readonly stack: string;
  /** Undefined: that of the whole stack. */
  readonly component: string | undefined;
}

/** Where the secrets are that the flags mean. */
export class SecretPlaces {
  readonly #session: Session;
  readonly #flags: SecretFlags;
  readonly #config: VaultConfig;
  readonly #targets = new Map<string, SecretTarget>();
  readonly #said = new Set<string>();
  #declared: { readonly secrets: readonly DeclaredSecret[] | undefined } | undefined;

  /** @throws {UserError} what reading the configuration throws */
  constructor(session: Session, flags: SecretFlags) {
    this.#session = session;
    this.#flags = flags;
    this.#config = readVaultConfig(session, flags);
  }

  /**
   * @returns the secrets that are declared for what the flags name, by name; undefined where declarations do not apply
   * @throws {UserError} `usage` for a stack or a component that there is not, and for a stack that is not named
   */
  get declared(): readonly DeclaredSecret[] | undefined {
    this.#declared ??= { secrets: this.#findDeclared() };
    return this.#declared.secrets;
  }

  /**
   * @returns every declared secret of all the stacks and components that the flags mean; undefined where nothing is declared
   * @throws {UserError} `usage` for a stack or a component that there is not
   */
  listDeclared({ withAbstract = true }: { readonly withAbstract?: boolean } = {}): DeclaredSecret[] | undefined {
    const scopes = this.#findScopes({ ofAll: true })?.filter(({ isAbstract }) => withAbstract || !isAbstract);
    const { stack } = findAskedScope(this.#session.host, this.#flags);
    return scopes?.flatMap((scope) => declarationsOf(scope, stack));
  }

  /**
   * @returns as {@link declared}; where no component is named, those of all components of the stack but abstract ones
   * @throws {UserError} as {@link declared}
   */
  listDeclaredBelow(): readonly DeclaredSecret[] | undefined {
    const own = this.declared;
    const { component } = findAskedScope(this.#session.host, this.#flags);
    return component === undefined ? own && this.listDeclared({ withAbstract: false }) : own;
  }

  /** @returns what every component of the stack declares @throws {UserError} as {@link listDeclared} */
  listDeclaredOfStack(): DeclaredSecret[] {
    const { stack } = findAskedScope(this.#session.host, this.#flags);
    const scopes = this.#config.scopes.filter((scope) => [scope.stack, scope.manifest].includes(stack));
    return this.#flags.vault !== undefined || stack === undefined
      ? []
      : scopes.flatMap((scope) => declarationsOf(scope, stack));
  }

  /** @returns the vault that the flags mean @throws {UserError} as selecting it does */
  vault(): Vault {
    return selectVault(this.#config, this.#flags.vault, findAskedScope(this.#session.host, this.#flags));
  }

  /** @returns the file of the vault that the flags mean, whatever is declared @throws {UserError} as finding it does */
  ofVault(): SecretTarget {
    const scope = findAskedScope(this.#session.host, this.#flags);
    return createTarget(this.#session, this.vault(), { flags: this.#flags, scope });
  }

  /** @throws {UserError} `not-found` for a name that is not declared; as finding the file does */
  of(name: string): SecretTarget {
    if (this.declared === undefined) return this.ofVault();
    const declaration = this.declared.find((each) => each.name === name);
    if (declaration === undefined) throw this.#undeclared(name, this.declared);
    return this.ofDeclaration(declaration);
  }

  /** @throws {UserError} `unsupported` for a secret that no file of SOPS holds; as finding the file does */
  ofDeclaration({ name, backend, scope, stack, component, at }: DeclaredSecret): SecretTarget {
    const refuse = (found: string, hint: string): UserError =>
      new UserError("unsupported", `cannot use the secret "${name}": ${found}`, { hints: [hint], location: at });
    if (backend === undefined) throw refuse("it is declared without a vault", "name one: sops: VAULT");
    if (backend.kind === "store") {
      throw refuse(`it is kept in the store "${backend.store}", which sopsmith does not reach`, "use atmos for it");
    }
    if (scope === "global") throw refuse("it is declared for every stack at once", "files of SOPS are for one stack");
    const inScope = { stack, component: scope === "stack" ? undefined : component };
    const vault = selectVault(this.#config, backend.vault, { stack, component });
    const id = JSON.stringify([backend.vault.toLowerCase(), vault.definedAt, inScope]);
    const target = this.#targets.get(id) ?? createTarget(this.#session, vault, { flags: this.#flags, scope: inScope });
    this.#targets.set(id, target);
    return target;
  }

  /**
   * @returns declared secrets by file, each once; what no file of SOPS holds is said, and left out
   * @throws {UserError} as {@link ofDeclaration}
   */
  groupDeclared(secrets: readonly DeclaredSecret[]): Map<SecretTarget, DeclaredSecret[]> {
    const groups = new Map<SecretTarget, DeclaredSecret[]>();
    for (const secret of secrets) {
      const target = this.#findUsable(secret);
      if (target === undefined) continue;
      const group = groups.get(target) ?? [];
      if (!group.some(({ name }) => name === secret.name)) group.push(secret); // a stack's, declared for each component
      groups.set(target, group);
    }
    return groups;
  }

  #findUsable(secret: DeclaredSecret): SecretTarget | undefined {
    try {
      return this.ofDeclaration(secret);
    } catch (error) {
      if (!(error instanceof UserError) || error.kind !== "unsupported") throw error;
      this.#warnOnce(`${secret.name} is left out: ${error.message}`);
      return undefined;
    }
  }

  #warnOnce(message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.#session.report.warning(message);
  }

  /** @returns the secrets of each file, in the order in which the files are met @throws {UserError} as {@link of} */
  group(names: Iterable<string>): Map<SecretTarget, string[]> {
    const groups = new Map<SecretTarget, string[]>();
    for (const name of names) {
      const target = this.declared === undefined && groups.size > 0 ? [...groups.keys()][0]! : this.of(name);
      groups.set(target, [...groups.get(target) ?? [], name]);
    }
    return groups;
  }

  /** @returns the names that are declared; the others are said */
  warnOfUndeclared(names: Iterable<string>): string[] {
    const { declared } = this;
    return [...names].filter((name) => {
      if (declared === undefined || declared.some((each) => each.name === name)) return true;
      this.#session.report.warning(`${name} is not declared, and is left out`);
      return false;
    });
  }

  #findDeclared(): DeclaredSecret[] | undefined {
    const scopes = this.#findScopes({ ofAll: false });
    const { stack } = findAskedScope(this.#session.host, this.#flags);
    return scopes?.flatMap((scope) => declarationsOf(scope, stack));
  }

  #findScopes({ ofAll }: { readonly ofAll: boolean }): StackScope[] | undefined {
    const all = this.#config.scopes.filter(({ shared, own }) => varsOf(shared).length + varsOf(own).length > 0);
    if (all.length === 0 || this.#flags.vault !== undefined) return undefined;
    const asked = findAskedScope(this.#session.host, this.#flags);
    if (asked.stack === undefined && !ofAll) {
      throw new UserError("usage", "secrets are declared for stacks, and no stack is named", {
        details: [`there are: ${listNames(all.map((scope) => scope.stack ?? scope.manifest))}`],
        hints: ["pass --stack NAME, or --vault VAULT for a file without declarations"],
      });
    }
    const { type } = this.#flags;
    const ofStack = all.filter(({ stack, manifest }) => [undefined, stack, manifest].includes(asked.stack));
    if (ofStack.length === 0) throw unknownScope("stack", asked.stack!, all.map((each) => each.stack ?? each.manifest));
    const found = ofStack.filter(({ component }) =>
      asked.component === undefined
        ? ofAll || component === undefined
        : component?.name === asked.component && [undefined, component.type].includes(type)
    );
    if (found.length === 0 && asked.component !== undefined) {
      throw unknownScope("component", asked.component, ofStack.flatMap(({ component }) => component?.name ?? []));
    }
    return found;
  }

  #undeclared(name: string, declared: readonly DeclaredSecret[]): UserError {
    const { stack, component } = findAskedScope(this.#session.host, this.#flags);
    const near = suggest(name, declared.map((each) => each.name));
    const where = component === undefined ? `stack ${stack}` : `component ${component} of stack ${stack}`;
    const meant = near === undefined ? "" : `; did you mean "${near}"?`;
    const owners = component === undefined ? this.#findOwners(name, stack) : [];
    return new UserError("not-found", `no secret "${name}" is declared for ${where}${meant}`, {
      details: owners.length === 0 ? [] : [`it is declared for component ${listNames(owners)}`],
      hints: owners.length === 0
        ? ["declare it under secrets.vars, or pass --vault VAULT for a file without declarations"]
        : [`pass --component ${owners[0]}`],
    });
  }

  /** @returns the components of a stack that declare a secret */
  #findOwners(name: string, asked: string | undefined): string[] {
    const scopes = this.#config.scopes.filter(({ stack, manifest }) => [stack, manifest].includes(asked));
    return scopes.flatMap(({ component, isAbstract, own }) =>
      component !== undefined && !isAbstract && varsOf(own).includes(name) ? [component.name] : []
    );
  }
}

/** @param asked the stack as it was typed */
function declarationsOf(scope: StackScope, asked: string | undefined): DeclaredSecret[] {
  const stack = scope.stack ?? asked ?? scope.manifest; // the path of a manifest is another name of the same stack
  return listDeclarations(scope).map((declaration) => ({ ...declaration, stack, component: scope.component?.name }));
}

function varsOf(secrets: StackScope["own"]): readonly string[] {
  return findMap(secrets, "vars")?.names ?? [];
}

function unknownScope(kind: "stack" | "component", name: string, known: readonly string[]): UserError {
  const near = suggest(name, known);
  const meant = near === undefined ? "" : `; did you mean "${near}"?`;
  return new UserError("usage", `no secret is declared for ${kind} "${name}"${meant}`, {
    details: [`there are: ${listNames(known)}`],
    hints: ["correct the name, or pass --vault VAULT for a file without declarations"],
  });
}

function listNames(names: readonly string[]): string {
  return [...new Set(names)].sort().join(", ");
}
