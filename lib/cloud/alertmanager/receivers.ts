import { patternRule } from '../../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import type { Rule } from '../../core/validation';
import type { Integration, IntegrationConfig } from './receiver-fields';

/** Mount path of the receivers' Secret in Alertmanager's pods. Each key of the Secret is a file in this folder. */
export const RECEIVERS_DIR = '/etc/alertmanager/receivers';

/**
 * A receiver of notifications in Alertmanager's format. Passwords and URLs with secrets are references to
 * files in `RECEIVERS_DIR`.
 */
export type Receiver = {
  /** Unique name of the receiver. Routes refer to the receiver by this name. */
  readonly name: string;
} & { readonly [I in Integration as `${I}_configs`]?: readonly IntegrationConfig<I>[] };

/** Properties for `webhook`, `pagerDuty` and `weComRobot`. Other receivers have additional properties. */
export interface ReceiverProps {
  /** Unique name of the receiver. Routes refer to the receiver by this name. */
  readonly name: string;
  /** Key in the receivers' Secret that holds the receiver's URL, password or API key. */
  readonly secretKey: string;
}

/** Properties for `email`. */
export interface EmailProps extends ReceiverProps {
  /** E-mail addresses of the recipients, separated by commas. */
  readonly to: string;
  /** E-mail address of the sender. */
  readonly from: string;
  /** Host and port of the SMTP server, such as `smtp.example.com:587`. */
  readonly smarthost: string;
  /** User name for the SMTP server. The password is in the receivers' Secret, under `secretKey`. */
  readonly username: string;
}

/** Properties for `slack`, which also works with services compatible with Slack's incoming webhooks. */
export interface SlackProps extends ReceiverProps {
  /** Channel, such as `#edge`. @default - the channel that the webhook is configured for */
  readonly channel?: string;
}

/** Properties for `weCom`: a company's app in WeCom (WeChat Work, 企业微信). */
export interface WeComProps extends ReceiverProps {
  /** ID of the company (企业ID). */
  readonly corpId: string;
  /** ID of the app (AgentId) that sends the messages. */
  readonly agentId: string;
  /**
   * User IDs of the recipients, separated by `|`.
   * @default - everyone who can see the app; if `toParty` is set, only the departments in `toParty`
   */
  readonly toUser?: string;
  /** IDs of the recipient departments, separated by `|`. @default - no departments; see `toUser` */
  readonly toParty?: string;
}

/** Properties for `dingTalk`: a robot in a DingTalk group. */
export interface DingTalkProps extends ReceiverProps {
  /**
   * Key in the receivers' Secret that holds the signing key of the robot (`SEC...`).
   * @default - messages are not signed
   */
  readonly signingKey?: string;
  /** Keyword that the robot requires in every message. @default - no keyword is added to messages */
  readonly keyword?: string;
}

/** Title of a notification; `TEXT` is the text of the notification. Both templates are defined in notification.tmpl. */
const TITLE = '{{ template "edge.title" . }}';
const TEXT = '{{ template "edge.text" . }}';

const secretKeyName = patternRule(
  /^[-._A-Za-z0-9]+$/,
  'a key of a Secret: letters, digits, "-", "_" and ".", such as "webhook-url"',
);

const nonEmptyText: Rule = {
  allowed: 'a non-empty text',
  accepts: (value) => typeof value === 'string' && value !== '',
};

/** Validation rules of the options that all receivers share. */
export const RECEIVER_OPTIONS = {
  name: { rule: nonEmptyText },
  secretKey: { rule: secretKeyName },
} satisfies OptionTable<ReceiverProps>;

/** Creates a receiver with one configuration of one integration, such as `webhook`. */
const buildReceiver = <I extends Integration>(
  kind: I,
  name: string,
  config: Readonly<Record<string, unknown>>,
): Receiver => {
  const integrations: Omit<Receiver, 'name'> = { [`${kind}_configs` as const]: [config] };
  return { name, ...integrations };
};

/** Returns the path at which a key of the receivers' Secret is mounted. */
const secretFilePath = (secretKey: string): string => `${RECEIVERS_DIR}/${secretKey}`;

/**
 * Creates a receiver that posts notifications as Alertmanager's JSON to a webhook.
 * `secretKey` is the key in the receivers' Secret that holds the URL of the webhook.
 * @throws InvalidOptionError when an option is invalid.
 */
export function webhook(props: ReceiverProps): Receiver {
  const { name, secretKey } = validateAndApplyDefaults('receiver webhook', props, RECEIVER_OPTIONS);
  return buildReceiver('webhook', name, { url_file: secretFilePath(secretKey), send_resolved: true });
}

/** Validation rule of each option of `email()`. */
export const EMAIL_OPTIONS = {
  ...RECEIVER_OPTIONS,
  to: { rule: nonEmptyText },
  from: { rule: nonEmptyText },
  smarthost: { rule: nonEmptyText },
  username: { rule: nonEmptyText },
} satisfies OptionTable<EmailProps>;

/**
 * Creates a receiver that sends e-mails.
 * `secretKey` is the key in the receivers' Secret that holds the SMTP password.
 * @throws InvalidOptionError when an option is invalid.
 */
export function email(props: EmailProps): Receiver {
  const options = validateAndApplyDefaults('receiver email', props, EMAIL_OPTIONS);
  const { name, secretKey, to, from, smarthost, username } = options;
  return buildReceiver('email', name, {
    to,
    from,
    smarthost,
    auth_username: username,
    auth_password_file: secretFilePath(secretKey),
    send_resolved: true,
    headers: { subject: TITLE },
  });
}

/** Validation rule and default of each option of `slack()`. */
export const SLACK_OPTIONS = {
  ...RECEIVER_OPTIONS,
  channel: { rule: nonEmptyText, default: undefined },
} satisfies OptionTable<SlackProps>;

/**
 * Creates a receiver that sends Slack messages.
 * `secretKey` is the key in the receivers' Secret that holds the URL of the incoming webhook.
 * @throws InvalidOptionError when an option is invalid.
 */
export function slack(props: SlackProps): Receiver {
  const { name, secretKey, channel } = validateAndApplyDefaults('receiver slack', props, SLACK_OPTIONS);
  return buildReceiver('slack', name, {
    api_url_file: secretFilePath(secretKey),
    ...(channel && { channel }),
    title: TITLE,
    text: TEXT,
    send_resolved: true,
  });
}

/**
 * Creates a receiver that opens PagerDuty incidents.
 * `secretKey` is the key in the receivers' Secret that holds the integration key of PagerDuty's Events API v2.
 * @throws InvalidOptionError when an option is invalid.
 */
export function pagerDuty(props: ReceiverProps): Receiver {
  const { name, secretKey } = validateAndApplyDefaults('receiver pagerduty', props, RECEIVER_OPTIONS);
  return buildReceiver('pagerduty', name, {
    routing_key_file: secretFilePath(secretKey),
    description: TITLE,
    severity: '{{ .CommonLabels.severity }}',
    details: { text: TEXT },
    send_resolved: true,
  });
}

/** Validation rule and default of each option of `weCom()`. */
export const WECOM_OPTIONS = {
  ...RECEIVER_OPTIONS,
  corpId: { rule: nonEmptyText },
  agentId: { rule: nonEmptyText },
  toUser: { rule: nonEmptyText, derive: ({ toParty }) => (toParty ? undefined : '@all') },
  toParty: { rule: nonEmptyText, default: undefined },
} satisfies OptionTable<WeComProps>;

/**
 * Creates a receiver that sends WeCom messages through an app of the company.
 * `secretKey` is the key in the receivers' Secret that holds the app's credential (called "Secret" in WeCom).
 * @throws InvalidOptionError when an option is invalid.
 */
export function weCom(props: WeComProps): Receiver {
  const options = validateAndApplyDefaults('receiver wechat', props, WECOM_OPTIONS);
  const { name, secretKey, corpId, agentId, toUser, toParty } = options;
  return buildReceiver('wechat', name, {
    api_secret_file: secretFilePath(secretKey),
    corp_id: corpId,
    agent_id: agentId,
    ...(toParty && { to_party: toParty }),
    ...(toUser && { to_user: toUser }),
    message: `${TITLE}\n${TEXT}`,
    send_resolved: true,
  });
}

/**
 * Creates a receiver that sends messages to a WeCom group through the group's robot (群机器人). `secretKey` is the key in
 * the receivers' Secret that holds the robot's key or the robot's whole URL. Alertmanager sends notifications through a
 * relay container in its own pod. The relay shortens messages to the robot's limit of 4,096 bytes, and detects errors
 * that the robot reports with status 200. A robot accepts 20 messages per minute: the relay rejects further messages,
 * and Alertmanager sends them again (https://developer.work.weixin.qq.com/document/path/91770).
 * @throws InvalidOptionError when an option is invalid.
 */
export function weComRobot(props: ReceiverProps): Receiver {
  const { name, secretKey } = validateAndApplyDefaults('receiver wecom_robot', props, RECEIVER_OPTIONS);
  return buildReceiver('wecom_robot', name, { url_file: secretFilePath(secretKey) });
}

/** Validation rule and default of each option of `dingTalk()`. */
export const DINGTALK_OPTIONS = {
  ...RECEIVER_OPTIONS,
  signingKey: { rule: secretKeyName, default: undefined },
  keyword: { rule: nonEmptyText, default: undefined },
} satisfies OptionTable<DingTalkProps>;

/**
 * Creates a receiver that sends messages to a DingTalk group through the group's robot.
 * `secretKey` is the key in the receivers' Secret that holds the URL of the robot.
 * Alertmanager sends notifications through a relay container in its own pod. The relay signs messages if `signingKey`
 * is set, and detects errors that the robot reports with status 200. A robot accepts 20 messages per minute
 * (https://open.dingtalk.com/document/robots/custom-robot-access).
 * @throws InvalidOptionError when an option is invalid.
 */
export function dingTalk(props: DingTalkProps): Receiver {
  const options = validateAndApplyDefaults('receiver dingtalk', props, DINGTALK_OPTIONS);
  const { name, secretKey, signingKey, keyword } = options;
  return buildReceiver('dingtalk', name, {
    url_file: secretFilePath(secretKey),
    ...(signingKey && { secret_file: secretFilePath(signingKey) }),
    ...(keyword && { keyword }),
  });
}
