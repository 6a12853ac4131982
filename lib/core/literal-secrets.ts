import { isObjectNotList } from './option-rules';

/**
 * A field that contains a literal secret. The field is part of the configuration of an HTTP client in Prometheus or
 * Alertmanager.
 */
export interface LiteralSecret {
  /** Path of the field, such as `http_config.basic_auth.password`. */
  readonly path: string;
  /** Field to set instead, which reads the secret from a file, such as `password_file`. @default - no such field exists */
  readonly fileField?: string;
  /** What to do instead of writing the secret into the field at `path`. @default - set the field in `fileField` */
  readonly remedy?: string;
}

/** Fields of basic auth, OAuth 2.0 and TLS that contain secrets. Each field has a variant that ends in `_file`. */
const FIELDS_WITH_FILE = /^(password|credentials|client_secret|bearer_token|key)$/;

/**
 * Fields of service discovery (`*_sd_configs`) that contain secrets. Most of these fields have no variant that ends
 * in `_file`.
 */
const DISCOVERY_FIELDS = /^(token|password|secret_key|\w+_secret|consumer_key)$/;

/** Names of HTTP headers and request parameters that usually hold secrets, such as `X-Api-Key`. */
const SECRET_NAMES =
  /(^|[-_])(authorization|cookie|credentials?|(access|api|private)[-_]?key|passw(or)?d|secret|token)$/i;

/**
 * Fields that never contain secrets, although the names in such a field can look like names of secrets. For example,
 * a label in `labels` can have the name `token`.
 */
const PLAIN_MAPS = ['claims', 'labels', 'relabel_configs', 'metric_relabel_configs'];

/**
 * Fields with HTTP headers or URL parameters, which can contain a secret. The text is the remedy for a secret in the
 * field: how to authenticate in another way.
 */
const NAMED_VALUES: Readonly<Record<string, string>> = {
  endpoint_params: 'remove this parameter, and authenticate by oauth2.client_secret_file',
  params:
    'remove this parameter, and authenticate by basic_auth.password_file or authorization.credentials_file',
  proxy_connect_header: 'remove this header, and use a proxy that identifies its clients by their address',
};

const URL_WITH_CREDENTIALS = /^[a-z][-+.a-z0-9]*:\/\/[^\s/?#]*@/i;

/**
 * Returns each literal secret in the configuration of an HTTP client, at any depth. The configuration has the fields of
 * Prometheus and Alertmanager (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config).
 * @param path path of `value`
 */
export function findLiteralSecretsInHttpClientConfig(path: string, value: unknown): readonly LiteralSecret[] {
  if (Array.isArray(value))
    return value.flatMap((held, index) => findLiteralSecretsInHttpClientConfig(`${path}[${index}]`, held));
  if (typeof value === 'string' && URL_WITH_CREDENTIALS.test(value))
    return [{ path, remedy: 'remove the user name and the password from the URL' }];
  if (!isObjectNotList(value)) return [];
  return Object.entries(value)
    .filter(([field, held]) => held !== undefined && !PLAIN_MAPS.includes(field))
    .flatMap(([field, held]) => findLiteralSecretsInConfigField(`${path}.${field}`, field, held));
}

function findLiteralSecretsInConfigField(
  path: string,
  field: string,
  value: unknown,
): readonly LiteralSecret[] {
  if (field === 'http_headers')
    return Object.entries(Object(value)).flatMap(([name, held]) =>
      findLiteralSecretsInHttpHeader(`${path}.${name}`, name, held),
    );
  if (field.endsWith('_sd_configs') && Array.isArray(value))
    return value.flatMap((held, index) =>
      findLiteralSecretsInServiceDiscoveryConfig(`${path}[${index}]`, held),
    );
  const remedy = Object.hasOwn(NAMED_VALUES, field) ? NAMED_VALUES[field] : undefined;
  if (remedy)
    return Object.keys(Object(value))
      .filter((name) => SECRET_NAMES.test(name))
      .map((name) => ({ path: `${path}.${name}`, remedy }));
  if (FIELDS_WITH_FILE.test(field)) return [{ path, fileField: `${field}_file` }];
  return findLiteralSecretsInHttpClientConfig(path, value);
}

/**
 * Returns the literal secrets in an entry of `*_sd_configs` (service discovery of Prometheus): in the entry's own
 * fields, and in the fields for its HTTP client.
 */
function findLiteralSecretsInServiceDiscoveryConfig(path: string, entry: unknown): readonly LiteralSecret[] {
  const remedy =
    'remove this field, and list the targets by file_sd_configs, http_sd_configs or static_configs';
  return Object.entries(Object(entry)).flatMap(([field, value]) =>
    DISCOVERY_FIELDS.test(field)
      ? [{ path: `${path}.${field}`, remedy }]
      : findLiteralSecretsInHttpClientConfig(path, { [field]: value }),
  );
}

/**
 * Returns the literal secrets in an entry of `http_headers`, which has the fields `values`, `secrets` and `files`.
 */
function findLiteralSecretsInHttpHeader(
  path: string,
  name: string,
  header: unknown,
): readonly LiteralSecret[] {
  return ['values', 'secrets']
    .filter((field) => Reflect.get(Object(header), field) !== undefined)
    .filter((field) => field === 'secrets' || SECRET_NAMES.test(name))
    .map((field) => ({ path: `${path}.${field}`, fileField: 'files' }));
}
