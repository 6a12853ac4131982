import { oneOfRule, patternRule, yesOrNo } from '../../core/option-rules';
import {
  combineRulesWithAnd,
  listRule,
  mapRule,
  markRuleAsRequired,
  objectRule,
  text,
} from '../../core/structure-rules';
import type { Rule } from '../../core/validation';
import { httpConfig, receiverFile, tlsConfig, urlWithoutCredentials } from './http-rules';

/** Validates a text with at least one visible character. */
const nonEmptyText = patternRule(/\S/, 'a non-empty text', 10_000);

/** Returns a rule for each of the given field names: the value of the field must be a text. */
const validationRulesForTextFields = (...names: readonly string[]): Readonly<Record<string, Rule>> =>
  Object.fromEntries(names.map((name) => [name, text]));

/** Returns a validation rule for objects in which only the given fields are allowed. */
const allowedFieldsRule = (fields: Readonly<Record<string, Rule>>): Rule =>
  objectRule<Record<string, unknown>>(fields);

/** Validates e-mail headers. Names that differ only in upper and lower case count as duplicates. */
const headers = combineRulesWithAnd(
  mapRule(patternRule(/^[!-9;-~]+$/, 'header names without spaces and colons'), text),
  {
    allowed: 'each header name only once; upper and lower case count as the same',
    accepts: (value) => {
      const names = Object.keys(value as object).map((name) => name.toLowerCase());
      return new Set(names).size === names.length;
    },
  },
);

const slackAction = combineRulesWithAnd(
  allowedFieldsRule({
    ...validationRulesForTextFields('url', 'style', 'name', 'value'),
    ...{ type: markRuleAsRequired(nonEmptyText), text: markRuleAsRequired(nonEmptyText) },
    confirm: allowedFieldsRule({
      ...validationRulesForTextFields('title', 'ok_text', 'dismiss_text'),
      text: markRuleAsRequired(nonEmptyText),
    }),
  }),
  {
    allowed: 'an action with a name or a url',
    accepts: (value) => ['name', 'url'].some((field) => Boolean(Reflect.get(value as object, field))),
  },
);

const field = allowedFieldsRule({
  title: markRuleAsRequired(nonEmptyText),
  value: markRuleAsRequired(nonEmptyText),
  short: yesOrNo,
});

const responder = combineRulesWithAnd(
  allowedFieldsRule({
    ...validationRulesForTextFields('id', 'name', 'username'),
    type: markRuleAsRequired(
      patternRule(
        /^(teams?|user|escalation|schedule)$|\{\{/i,
        '"team", "teams", "user", "escalation" or "schedule"',
      ),
    ),
  }),
  {
    allowed: 'a responder with an id, a name or a username',
    accepts: (value) =>
      ['id', 'name', 'username'].some((name) => Boolean(Reflect.get(value as object, name))),
  },
);

const rocketAction = allowedFieldsRule({
  ...validationRulesForTextFields(
    'type',
    'text',
    'url',
    'imageurl',
    'webviewheightratio',
    'msg',
    'msgprocessingtype',
  ),
  ...{ iswebview: yesOrNo, msginchatwindow: yesOrNo },
});

const attachment = allowedFieldsRule({
  ...validationRulesForTextFields(
    'fallback',
    'color',
    'pretext',
    'text',
    'author_name',
    'author_link',
    'author_icon',
    'title',
  ),
  ...validationRulesForTextFields('title_link', 'thumb_url', 'footer', 'footer_icon', 'image_url'),
  fields: listRule(field),
});

const anyFields = mapRule(text, { allowed: 'any value', accepts: (value) => value !== undefined });

/**
 * Validation rules for those fields of integrations that are objects or lists, by field type. The rules allow the
 * fields of Alertmanager 0.34.
 */
export const COMPOSITE_FIELD_RULES = {
  http: httpConfig,
  tls: tlsConfig,
  headers,
  texts: mapRule(text, text),
  values: anyFields,
  threading: allowedFieldsRule({ enabled: yesOrNo, thread_by_date: oneOfRule('none', 'daily') }),
  sigv4: allowedFieldsRule({
    ...validationRulesForTextFields('region', 'profile', 'role_arn', 'access_key', 'secret_key'),
    use_fips_sts_endpoint: yesOrNo,
  }),
  jiraField: allowedFieldsRule({ template: text, enable_update: yesOrNo }),
  props: allowedFieldsRule({ card: text }),
  urgency: allowedFieldsRule({
    priority: text,
    requested_ack: yesOrNo,
    persistent_notifications: yesOrNo,
  }),
  slackActions: listRule(slackAction),
  fields: listRule(field),
  links: listRule(allowedFieldsRule(validationRulesForTextFields('href', 'text'))),
  images: listRule(allowedFieldsRule(validationRulesForTextFields('src', 'alt', 'href'))),
  responders: listRule(responder),
  rocketActions: listRule(rocketAction),
  rocketFields: listRule(
    allowedFieldsRule({ ...validationRulesForTextFields('title', 'value'), short: yesOrNo }),
  ),
  attachments: listRule(attachment),
  lines: listRule(text),
} as const;

/** Validation rules for those fields of integrations that are single values, by field type. */
export const SCALAR_FIELD_RULES = {
  file: receiverFile,
  flag: yesOrNo,
  amount: {
    allowed: 'a whole number of at least 0',
    accepts: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  number: { allowed: 'a whole number', accepts: Number.isSafeInteger },
  duration: patternRule(/^(0|(\d+(\.\d+)?(ms|s|m|h))+)$/, 'a Go duration, such as "30s" or "1m30s"'),
  url: urlWithoutCredentials,
  parseMode: oneOfRule('Markdown', 'MarkdownV2', 'HTML', ''),
} as const;
