import type { COMPOSITE_FIELD_RULES, SCALAR_FIELD_RULES } from './receiver-parts';

/**
 * Type of a field in the configuration of an integration: `line` is a template of one line, `text` a template of
 * several lines. Each other type is the name of a validation rule.
 */
type FieldType =
  | 'line'
  | 'text'
  | 'hostAndPort'
  | keyof typeof SCALAR_FIELD_RULES
  | keyof typeof COMPOSITE_FIELD_RULES;

/** Types of fields whose values are lists. */
type ListFieldType =
  | 'slackActions'
  | 'fields'
  | 'links'
  | 'images'
  | 'responders'
  | 'rocketActions'
  | 'rocketFields'
  | 'attachments'
  | 'lines';

const COMMON_FIELDS = { send_resolved: 'flag', http_config: 'http' } as const;

/**
 * Integrations of Alertmanager 0.34, with the type of each supported field. A field that holds a secret is not
 * supported; use the corresponding field whose name ends in `_file`
 * (https://prometheus.io/docs/alerting/latest/configuration/).
 */
export const RECEIVER_FIELDS = {
  webhook: {
    ...COMMON_FIELDS,
    url_file: 'file',
    max_alerts: 'amount',
    timeout: 'duration',
    payload: 'values',
  },
  email: {
    send_resolved: 'flag',
    ...{ to: 'line', from: 'line', hello: 'line', smarthost: 'hostAndPort', auth_username: 'line' },
    ...{ auth_password_file: 'file', auth_secret_file: 'file', auth_identity: 'line', headers: 'headers' },
    ...{ html: 'text', text: 'text', require_tls: 'flag', tls_config: 'tls', force_implicit_tls: 'flag' },
    threading: 'threading',
  },
  slack: {
    ...COMMON_FIELDS,
    ...{ api_url_file: 'file', app_token_file: 'file', app_url: 'url', channel: 'line', username: 'line' },
    ...{
      color: 'line',
      title: 'text',
      title_link: 'line',
      pretext: 'text',
      text: 'text',
      message_text: 'text',
    },
    ...{ fields: 'fields', short_fields: 'flag', footer: 'text', fallback: 'text', callback_id: 'line' },
    ...{ icon_emoji: 'line', icon_url: 'line', image_url: 'line', thumb_url: 'line', link_names: 'flag' },
    ...{ mrkdwn_in: 'lines', actions: 'slackActions', update_message: 'flag', timeout: 'duration' },
  },
  pagerduty: {
    ...COMMON_FIELDS,
    ...{ routing_key_file: 'file', service_key_file: 'file', url: 'url', client: 'line', client_url: 'line' },
    ...{
      description: 'text',
      details: 'values',
      images: 'images',
      links: 'links',
      source: 'line',
      severity: 'line',
    },
    ...{ class: 'line', component: 'line', group: 'line', timeout: 'duration' },
  },
  wechat: {
    ...COMMON_FIELDS,
    ...{ api_secret_file: 'file', corp_id: 'line', message: 'text', api_url: 'url', to_user: 'line' },
    ...{ to_party: 'line', to_tag: 'line', agent_id: 'line', message_type: 'line' },
  },
  opsgenie: {
    ...COMMON_FIELDS,
    ...{ api_key_file: 'file', api_url: 'url', message: 'text', description: 'text', source: 'line' },
    ...{
      details: 'texts',
      entity: 'line',
      responders: 'responders',
      actions: 'line',
      tags: 'line',
      note: 'text',
    },
    ...{ priority: 'line', update_alerts: 'flag' },
  },
  pushover: {
    ...COMMON_FIELDS,
    ...{
      user_key_file: 'file',
      token_file: 'file',
      title: 'text',
      message: 'text',
      url: 'line',
      url_title: 'line',
    },
    ...{
      device: 'line',
      sound: 'line',
      priority: 'line',
      retry: 'duration',
      expire: 'duration',
      ttl: 'duration',
    },
    ...{ html: 'flag', monospace: 'flag' },
  },
  victorops: {
    ...COMMON_FIELDS,
    ...{
      api_key_file: 'file',
      api_url: 'url',
      routing_key: 'line',
      message_type: 'line',
      state_message: 'text',
    },
    ...{ entity_display_name: 'text', monitoring_tool: 'line', custom_fields: 'texts' },
  },
  sns: {
    ...COMMON_FIELDS,
    ...{ api_url: 'line', sigv4: 'sigv4', topic_arn: 'line', phone_number: 'line', target_arn: 'line' },
    ...{ subject: 'line', message: 'text', attributes: 'texts', use_aws_http_client: 'flag' },
  },
  telegram: {
    ...COMMON_FIELDS,
    ...{ api_url: 'url', bot_token_file: 'file', chat_id: 'number', chat_id_file: 'file', message: 'text' },
    ...{ message_thread_id: 'number', disable_notifications: 'flag', parse_mode: 'parseMode' },
  },
  discord: {
    ...COMMON_FIELDS,
    ...{ webhook_url_file: 'file', content: 'text', title: 'text', message: 'text', username: 'line' },
    avatar_url: 'line',
  },
  webex: { ...COMMON_FIELDS, api_url: 'url', message: 'text', room_id: 'line' },
  msteams: { ...COMMON_FIELDS, webhook_url_file: 'file', title: 'text', summary: 'text', text: 'text' },
  msteamsv2: { ...COMMON_FIELDS, webhook_url_file: 'file', title: 'text', text: 'text' },
  jira: {
    ...COMMON_FIELDS,
    ...{ api_url: 'url', api_type: 'line', project: 'line', summary: 'jiraField', description: 'jiraField' },
    ...{ labels: 'lines', priority: 'line', issue_type: 'line', reopen_transition: 'line', fields: 'values' },
    ...{ resolve_transition: 'line', wont_fix_resolution: 'line', reopen_duration: 'duration' },
  },
  rocketchat: {
    ...COMMON_FIELDS,
    ...{
      api_url: 'url',
      token_id_file: 'file',
      token_file: 'file',
      channel: 'line',
      color: 'line',
      title: 'text',
    },
    ...{
      title_link: 'line',
      text: 'text',
      fields: 'rocketFields',
      short_fields: 'flag',
      emoji: 'line',
      icon_url: 'line',
    },
    ...{ image_url: 'line', thumb_url: 'line', link_names: 'flag', actions: 'rocketActions' },
  },
  mattermost: {
    ...COMMON_FIELDS,
    ...{ webhook_url_file: 'file', channel: 'line', username: 'line', text: 'text', fallback: 'text' },
    ...{ color: 'line', pretext: 'text', author_name: 'line', author_link: 'line', author_icon: 'line' },
    ...{ title: 'text', title_link: 'line', fields: 'fields', thumb_url: 'line', footer: 'text' },
    ...{
      footer_icon: 'line',
      image_url: 'line',
      icon_url: 'line',
      icon_emoji: 'line',
      attachments: 'attachments',
    },
    ...{ type: 'line', props: 'props', priority: 'urgency' },
  },
  incidentio: {
    ...COMMON_FIELDS,
    ...{ url_file: 'file', alert_source_token_file: 'file', max_alerts: 'amount', timeout: 'duration' },
  },
  // Alertmanager does not support chat robots: the robot relay forwards notifications to them.
  dingtalk: { url_file: 'file', secret_file: 'file', keyword: 'line' },
  wecom_robot: { url_file: 'file' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, FieldType>>>>;

/**
 * Name of an integration, such as `slack`. A receiver lists the configurations of an integration in a field
 * such as `slack_configs`.
 */
export type Integration = keyof typeof RECEIVER_FIELDS;

type FieldValue<K extends FieldType> = K extends 'flag'
  ? boolean
  : K extends 'amount' | 'number'
    ? number
    : K extends ListFieldType
      ? readonly unknown[]
      : K extends keyof typeof COMPOSITE_FIELD_RULES
        ? object
        : string;

type Fields<I extends Integration> = (typeof RECEIVER_FIELDS)[I];

/** Configuration of one integration of a receiver, in Alertmanager's format. */
export type IntegrationConfig<I extends Integration> = {
  readonly [F in keyof Fields<I>]?: FieldValue<Extract<Fields<I>[F], FieldType>>;
};

/**
 * Required fields of each integration. Exactly one field of each inner list must be set. For example,
 * `[["to"], ["api_url_file", "app_token_file"]]` requires `to`, and either `api_url_file` or `app_token_file`.
 */
export const REQUIRED_FIELDS: {
  readonly [I in Integration]: readonly (readonly (keyof Fields<I> & string)[])[];
} = {
  webhook: [['url_file']],
  email: [['to'], ['from'], ['smarthost']],
  slack: [['api_url_file', 'app_token_file']],
  pagerduty: [['routing_key_file', 'service_key_file']],
  wechat: [['api_secret_file'], ['corp_id']],
  opsgenie: [['api_key_file']],
  pushover: [['user_key_file'], ['token_file']],
  victorops: [['api_key_file'], ['routing_key']],
  sns: [['topic_arn', 'target_arn', 'phone_number'], ['sigv4']],
  telegram: [['bot_token_file'], ['chat_id', 'chat_id_file']],
  discord: [['webhook_url_file']],
  webex: [['room_id'], ['http_config']],
  msteams: [['webhook_url_file']],
  msteamsv2: [['webhook_url_file']],
  jira: [['api_url'], ['project'], ['issue_type']],
  rocketchat: [['token_id_file'], ['token_file']],
  mattermost: [['webhook_url_file']],
  incidentio: [['url_file'], ['alert_source_token_file']],
  dingtalk: [['url_file']],
  wecom_robot: [['url_file']],
};
