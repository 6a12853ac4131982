import type { TemplateDialect } from '../../core/go-template';
import { findLiteralSecretsInHttpClientConfig } from '../../core/literal-secrets';
import { isObjectNotList, port } from '../../core/option-rules';
import { goTemplateValidationRule } from '../../core/rule-templates';
import { combineRulesWithAnd, listRule, markRuleAsRequired, objectRule } from '../../core/structure-rules';
import { problemsOfValue, type Rule, ruleViolationText } from '../../core/validation';
import notification from './notification.tmpl';
import { type Integration, RECEIVER_FIELDS, REQUIRED_FIELDS } from './receiver-fields';
import { COMPOSITE_FIELD_RULES, SCALAR_FIELD_RULES } from './receiver-parts';
import { RECEIVERS_DIR } from './receivers';

/** Returns whether Alertmanager 0.34 or notification.tmpl defines a template with this name, such as `edge.title`. */
const isAlertmanagerTemplateName = (name: string): boolean =>
  /^(__\w+|\w+\.default\.\w+)$/.test(name) || notification.includes(`define "${name}"`);

/**
 * Functions, fields and templates that the text of a notification in Alertmanager 0.34 can use
 * (https://prometheus.io/docs/alerting/latest/notifications/).
 */
const NOTIFICATIONS: TemplateDialect = {
  functions: (
    'append date dict humanizeDuration join list match mustToDate now reReplaceAll routeLabels safeHtml safeUrl since ' +
    'stringSlice title toDate toJson toLower toUpper trimSpace tz urlUnescape'
  ).split(' '),
  variables: [],
  fields:
    'Receiver Status Alerts NotificationReason GroupLabels CommonLabels CommonAnnotations RouteLabels ExternalURL'.split(
      ' ',
    ),
  templates: isAlertmanagerTemplateName,
};

const text = goTemplateValidationRule(NOTIFICATIONS, 'Alertmanager');

const oneLine: Rule = {
  allowed: 'a text in one line',
  accepts: (value) => typeof value === 'string' && !/[\r\n]/.test(value),
};

const line = combineRulesWithAnd(oneLine, text);

const hostAndPort: Rule = {
  allowed: 'a host and a port, such as "smtp.example.com:587"',
  accepts: (value) => {
    const [, number] =
      /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\]):(\d{1,5})$/.exec(String(value)) ?? [];
    return typeof value === 'string' && port.accepts(Number(number));
  },
};

const KINDS: Readonly<Record<string, Rule>> = {
  line,
  text,
  hostAndPort,
  ...SCALAR_FIELD_RULES,
  ...COMPOSITE_FIELD_RULES,
};

/** Fields of `sigv4` that hold credentials. Alertmanager has no fields that read these credentials from files. */
const SIGV4_SECRETS = ['access_key', 'secret_key'];

function problemOfLiteralSecret(path: string, fileField: string): string {
  return `${path} would write a secret into the manifests; allowed: ${fileField} with the path ${RECEIVERS_DIR}/KEY, where KEY is a key of the Secret that the setting secrets.receivers names (the option receiversSecretName of Alertmanager)`;
}

/** Returns an error message for each literal secret in `http_config` or `tls_config`, at any depth. */
function problemsOfLiteralHttpSecrets(path: string, value: unknown): readonly string[] {
  return findLiteralSecretsInHttpClientConfig(path, value).map(({ path: field, fileField, remedy }) =>
    fileField
      ? problemOfLiteralSecret(field, fileField)
      : `${field} would write a secret into the manifests: ${remedy}`,
  );
}

/** Returns an error message for each AWS credential in the field `sigv4` of SNS. */
function problemsOfLiteralSigv4Secrets(path: string, value: unknown): string[] {
  return SIGV4_SECRETS.filter((field) => Reflect.get(Object(value), field) !== undefined).map(
    (field) =>
      `${path}.${field} would write a secret into the manifests: remove ${SIGV4_SECRETS.join(' and ')}; Alertmanager then uses the credentials that AWS gives to the cloud node, such as the role of its instance profile`,
  );
}

/** Returns an error message for each text that is not a valid template, at any depth of an object or list. */
function invalidTemplateProblems(path: string, value: unknown): readonly string[] {
  if (typeof value === 'string') return problemsOfValue(path, value, text);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, held]) => invalidTemplateProblems(`${path}.${field}`, held));
}

/** Returns the validation rule for one configuration of an integration, such as an entry of `slack_configs`. */
function integrationConfigRule(name: Integration): Rule {
  const fields: Readonly<Record<string, string>> = RECEIVER_FIELDS[name];
  const table = Object.fromEntries(
    Object.entries(fields).map(([field, kind]) => [field, KINDS[kind] ?? text] as const),
  );
  const rule = objectRule<Record<string, unknown>>(table);
  return {
    allowed: rule.allowed,
    accepts: (value) => integrationConfigProblems(name, fields, rule, value, '').length === 0,
    problems: (value, path) => integrationConfigProblems(name, fields, rule, value, path),
  };
}

/**
 * Returns an error message for each invalid field, missing required field, literal secret and invalid template in one
 * configuration of an integration.
 * @param fields type of each field of the integration
 */
function integrationConfigProblems(
  name: Integration,
  fields: Readonly<Record<string, string>>,
  rule: Rule,
  value: unknown,
  path: string,
): readonly string[] {
  if (!isObjectNotList(value)) return problemsOfValue(path, value, rule);
  const given = Object.entries(value).filter(([, held]) => held !== undefined);
  const secrets = given.filter(([field]) => !(field in fields) && `${field}_file` in fields);
  if (secrets.length)
    return secrets.map(([field]) => problemOfLiteralSecret(`${path}.${field}`, `${field}_file`));
  const missing = REQUIRED_FIELDS[name]
    .filter((choice) => given.filter(([field]) => choice.some((one) => one === field)).length !== 1)
    .map(
      (choice) =>
        `${path}: ${choice.length > 1 ? `exactly one of ${choice.join(', ')}` : choice[0]} must be set`,
    );
  const below = given.filter(([field]) => Object.hasOwn(COMPOSITE_FIELD_RULES, fields[field] ?? ''));
  return [
    ...problemsOfValue(path, value, rule),
    ...missing,
    ...below.flatMap(([field, held]) =>
      problemsOfTemplatesAndLiteralSecrets(fields[field], `${path}.${field}`, held),
    ),
  ];
}

/** Returns an error message for each literal secret and each invalid template in an object or list. */
function problemsOfTemplatesAndLiteralSecrets(
  kind: string | undefined,
  path: string,
  value: unknown,
): readonly string[] {
  if (kind === 'http' || kind === 'tls') return problemsOfLiteralHttpSecrets(path, value);
  const secrets = kind === 'sigv4' ? problemsOfLiteralSigv4Secrets(path, value) : [];
  return [...secrets, ...invalidTemplateProblems(path, value)];
}

const receiverName: Rule = {
  allowed: 'a name in one line, of up to 200 printable characters',
  accepts: (value) => typeof value === 'string' && /^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u.test(value),
};

/** Validates a receiver: its name, and the list of configurations of each integration. */
const receiver = objectRule<Record<string, unknown>>({
  ...Object.fromEntries(
    Object.keys(RECEIVER_FIELDS).map((name) => [
      `${name}_configs`,
      listRule(integrationConfigRule(name as Integration)),
    ]),
  ),
  name: markRuleAsRequired(receiverName),
});

/** Returns the receiver names that more than one receiver has, and `nobody` if a receiver has this reserved name. */
function duplicateOrReservedReceiverNames(value: unknown): string[] {
  const names: string[] = Array.isArray(value) ? value.map(({ name }) => name) : [];
  return names.filter((name, index) => name === 'nobody' || names.indexOf(name) !== index);
}

/** Validates a non-empty list of receivers with unique names. */
export const receivers: Rule = combineRulesWithAnd(listRule(receiver), {
  allowed: 'at least one receiver, each with a unique name other than "nobody"',
  accepts: (value) =>
    Array.isArray(value) && value.length > 0 && duplicateOrReservedReceiverNames(value).length === 0,
  problems: (value, path) =>
    Array.isArray(value) && value.length === 0
      ? [ruleViolationText(path, value, { allowed: 'a list of at least one receiver' })]
      : duplicateOrReservedReceiverNames(value).map((name) =>
          name === 'nobody'
            ? `${path}: the receiver name "nobody" is reserved: rename this receiver`
            : `${path}: two receivers have the name ${JSON.stringify(name)}: rename one of them`,
        ),
});
