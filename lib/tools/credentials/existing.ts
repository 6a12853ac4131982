import { parseAllDocuments } from 'yaml';
import { CredentialsError } from './credentials-error';
import { formatSecretId, type ServerSecret } from './hosts';
import { type HtpasswdLine, parseHtpasswd } from './htpasswd';

/** A Kubernetes object from standard input, before validation. */
interface FoundObject {
  readonly kind?: unknown;
  readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown };
  readonly items?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly stringData?: Readonly<Record<string, unknown>>;
}

/**
 * Parses the existing users of hosts from the Secrets in the output of kubectl.
 * @param input Secrets or Lists of Secrets, as YAML or JSON, in one or several documents
 * @param servers the Secrets that the input must contain
 * @returns the htpasswd lines of each Secret
 * @throws CredentialsError when a Secret is missing or invalid. The message contains the kubectl command to use.
 */
export function parseExistingUsers(
  input: string,
  servers: readonly ServerSecret[],
): Map<ServerSecret, HtpasswdLine[]> {
  const found = parseSecretsById(input, servers);
  const missing = servers.filter((server) => !found.has(formatSecretId(server)));
  if (missing.length) {
    const names = missing.map(formatSecretId).join(', ');
    throw new CredentialsError(
      `standard input does not contain the ${missing.length === 1 ? 'Secret' : 'Secrets'} ${names}, only ${[...found.keys()].join(', ')}; ${missingSecretsRemedy(servers)}`,
    );
  }
  return new Map(
    servers.map((server) => [server, parseHtpasswdOfSecret(found.get(formatSecretId(server)) ?? {}, server)]),
  );
}

/** Returns the remedy for missing Secrets, as the end of an error message: the kubectl command that prints the Secrets. */
export function missingSecretsRemedy(servers: readonly ServerSecret[]): string {
  const namespaces = [...new Set(servers.map(({ namespace }) => namespace))];
  const commands = namespaces.map((namespace) => {
    const names = servers.filter((server) => server.namespace === namespace).map(({ name }) => name);
    return `kubectl get secret ${names.join(' ')} -n ${namespace} -o yaml`;
  });
  // Two calls of kubectl print no separator between their documents, so the suggested command line prints the separator.
  const [only = '', ...more] = commands;
  return `pipe in the output of: ${more.length ? `{ ${commands.join('; echo ---; ')}; }` : only}`;
}

function parseSecretsById(input: string, servers: readonly ServerSecret[]): Map<string, FoundObject> {
  const secrets = parseYamlDocuments(input).filter(({ kind }) => kind === 'Secret');
  if (!secrets.length)
    throw new CredentialsError(`standard input contains no Secret; ${missingSecretsRemedy(servers)}`);
  const found = new Map<string, FoundObject>();
  for (const secret of secrets) {
    const { namespace, name } = secret.metadata ?? {};
    const id = formatSecretId({ namespace: String(namespace ?? '?'), name: String(name ?? '?') });
    if (found.has(id))
      throw new CredentialsError(`standard input contains the Secret ${id} twice: remove one of them`);
    found.set(id, secret);
  }
  return found;
}

function parseYamlDocuments(input: string): FoundObject[] {
  // Several calls of kubectl print JSON objects without a separator, which is invalid YAML.
  const text = input.replaceAll(/^\}\s*\n(?=\{)/gm, '}\n---\n');
  return parseAllDocuments(text, { logLevel: 'silent' })
    .map((document) => {
      const [error] = document.errors;
      if (error) throw invalidYamlError(text, error.pos[0]);
      return yamlDocumentToObject(document);
    })
    .flatMap((object) => (Array.isArray(object?.items) ? (object.items as FoundObject[]) : [object ?? {}]))
    .filter((object) => typeof object === 'object' && object !== null);
}

function yamlDocumentToObject(document: { toJS(): unknown; readonly range?: unknown }): FoundObject | null {
  try {
    return document.toJS() as FoundObject | null;
  } catch {
    // The YAML contains an alias without an anchor, or aliases that expand to too many values.
    throw new CredentialsError(
      'standard input contains YAML aliases that cannot be resolved: pipe in the unchanged output of kubectl',
    );
  }
}

/** Creates an error with the line of the invalid YAML. The parser's error would also contain text of the Secret. */
function invalidYamlError(text: string, position: number): CredentialsError {
  const line = text.slice(0, position).split('\n').length;
  return new CredentialsError(
    `standard input is not valid YAML or JSON at line ${line}: pipe in the unchanged output of kubectl, and separate documents with a line ---`,
  );
}

function parseHtpasswdOfSecret(secret: FoundObject, server: ServerSecret): HtpasswdLine[] {
  const place = `key ${server.format.key} of Secret ${formatSecretId(server)}`;
  return parseHtpasswd(decodeSecretValueOrThrow(secret, server.format.key, place), place);
}

/**
 * Returns the decoded value of a key of a Secret. As in the API server, `stringData` overrides `data`.
 * @throws CredentialsError when the key is missing, or its value is not base64.
 */
function decodeSecretValueOrThrow({ data, stringData }: FoundObject, key: string, place: string): string {
  const clear = stringData?.[key];
  const encoded = data?.[key];
  if (typeof clear === 'string') return clear;
  if (typeof encoded === 'string' && /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) {
    return Buffer.from(encoded, 'base64').toString();
  }
  const keys = Object.keys({ ...data, ...stringData }).join(', ') || 'none';
  const problem = clear === undefined && encoded === undefined ? 'is missing' : 'is not valid base64';
  throw new CredentialsError(
    `${place} ${problem}; keys of this Secret: ${keys}; check that the ingress controller reads this Secret`,
  );
}
