import { matches } from '../../core/option-rules';
import { type OptionTable, optionsOf } from '../../core/option-table';
import type { Rule } from '../../core/validation';
import type { Integration, IntegrationConfig } from './receiver-fields';

/** Mount path of the receivers' Secret; each of its keys is a file. */
export const RECEIVERS_DIR = '/etc/alertmanager/receivers';

/**
 * A receiver in Alertmanager's format. Secrets are referenced as files of the receivers' Secret, below
 * `RECEIVERS_DIR`.
 */
export type Receiver = {
  /** Unique name, which routes refer to. */
  readonly name: string;
} & { readonly [I in Integration as `${I}_configs`]?: readonly IntegrationConfig<I>[] };

/** Properties for `webhook` and `pagerDuty`, which all receivers share. */
export interface ReceiverProps {
  /** Unique name, which routes refer to. */
  readonly name: string;
  /** Key of the receivers' Secret that holds the receiver's secret: a URL, a password or a key. */
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
  /** User name for the SMTP server; its password is the secret. */
  readonly username: string;
}

/** Properties for `slack`, which also works with services compatible with Slack's incoming webhooks. */
export interface SlackProps extends ReceiverProps {
  /** Channel, such as `#edge`. @default - the webhook's */
  readonly channel?: string;
}

/** Properties for `weCom`: a WeCom (WeChat Work, 企业微信) app of the company. */
export interface WeComProps extends ReceiverProps {
  /** ID of the company (企业ID). */
  readonly corpId: string;
  /** ID of the app (AgentId) that sends the messages. */
  readonly agentId: string;
  /** Recipients, separated by `|`. @default - without `toParty`, everyone who can see the app */
  readonly toUser?: string;
  /** Recipient departments, separated by `|`. @default - none */
  readonly toParty?: string;
}

/** Properties for `dingTalk`: a robot in a DingTalk group. */
export interface DingTalkProps extends ReceiverProps {
  /**
   * Key of the receivers' Secret that holds the signing key of the robot (`SEC...`).
   * @default - the robot requires no signature
   */
  readonly signingKey?: string;
  /** Keyword that the robot requires in every message. @default - none */
  readonly keyword?: string;
}

/** Templates of notification.tmpl. */
const TITLE = '{{ template "edge.title" . }}';
const TEXT = '{{ template "edge.text" . }}';

const key = matches(
  /^[-._A-Za-z0-9]+$/,
  'a key of a Secret: letters, digits, "-", "_" and ".", such as "webhook-url"',
);

const some: Rule = {
  allowed: 'a non-empty text',
  accepts: (value) => typeof value === 'string' && value !== '',
};

/** The options of every receiver. */
export const RECEIVER = {
  name: { rule: some },
  secretKey: { rule: key },
} satisfies OptionTable<ReceiverProps>;

/** Creates a receiver with a single integration, whose secret is a file. */
const buildReceiver = <I extends Integration>(
  kind: I,
  name: string,
  config: Readonly<Record<string, unknown>>,
): Receiver => {
  const integrations: Omit<Receiver, 'name'> = { [`${kind}_configs` as const]: [config] };
  return { name, ...integrations };
};

const secretFile = (secretKey: string): string => `${RECEIVERS_DIR}/${secretKey}`;

/**
 * Creates a receiver that posts Alertmanager's JSON to a webhook; the secret is the URL.
 * @throws InvalidOptionError when an option is invalid.
 */
export function webhook(props: ReceiverProps): Receiver {
  const { name, secretKey } = optionsOf('receiver webhook', props, RECEIVER);
  return buildReceiver('webhook', name, { url_file: secretFile(secretKey), send_resolved: true });
}

/** The options of `email()`. */
export const EMAIL = {
  ...RECEIVER,
  to: { rule: some },
  from: { rule: some },
  smarthost: { rule: some },
  username: { rule: some },
} satisfies OptionTable<EmailProps>;

/**
 * Creates a receiver that sends e-mails; the secret is the user's SMTP password.
 * @throws InvalidOptionError when an option is invalid.
 */
export function email(props: EmailProps): Receiver {
  const { name, secretKey, to, from, smarthost, username } = optionsOf('receiver email', props, EMAIL);
  return buildReceiver('email', name, {
    to,
    from,
    smarthost,
    auth_username: username,
    auth_password_file: secretFile(secretKey),
    send_resolved: true,
    headers: { subject: TITLE },
  });
}

/** The options of `slack()`. */
export const SLACK = {
  ...RECEIVER,
  channel: { rule: some, default: undefined },
} satisfies OptionTable<SlackProps>;

/**
 * Creates a receiver that sends Slack messages; the secret is the URL of an incoming webhook.
 * @throws InvalidOptionError when an option is invalid.
 */
export function slack(props: SlackProps): Receiver {
  const { name, secretKey, channel } = optionsOf('receiver slack', props, SLACK);
  return buildReceiver('slack', name, {
    api_url_file: secretFile(secretKey),
    ...(channel && { channel }),
    title: TITLE,
    text: TEXT,
    send_resolved: true,
  });
}

/**
 * Creates a receiver for PagerDuty; the secret is the integration key of the Events API v2.
 * @throws InvalidOptionError when an option is invalid.
 */
export function pagerDuty(props: ReceiverProps): Receiver {
  const { name, secretKey } = optionsOf('receiver pagerduty', props, RECEIVER);
  return buildReceiver('pagerduty', name, {
    routing_key_file: secretFile(secretKey),
    description: TITLE,
    severity: '{{ .CommonLabels.severity }}',
    details: { text: TEXT },
    send_resolved: true,
  });
}

/** The options of `weCom()`. */
export const WECOM = {
  ...RECEIVER,
  corpId: { rule: some },
  agentId: { rule: some },
  toUser: { rule: some, derive: ({ toParty }) => (toParty ? undefined : '@all') },
  toParty: { rule: some, default: undefined },
} satisfies OptionTable<WeComProps>;

/**
 * Creates a receiver that sends WeCom messages through an app of the company; the secret is the app's secret.
 * @throws InvalidOptionError when an option is invalid.
 */
export function weCom(props: WeComProps): Receiver {
  const { name, secretKey, corpId, agentId, toUser, toParty } = optionsOf('receiver wechat', props, WECOM);
  return buildReceiver('wechat', name, {
    api_secret_file: secretFile(secretKey),
    corp_id: corpId,
    agent_id: agentId,
    ...(toParty && { to_party: toParty }),
    ...(toUser && { to_user: toUser }),
    message: `${TITLE}\n${TEXT}`,
    send_resolved: true,
  });
}

/**
 * Creates a receiver that sends messages to a WeCom group through its robot (群机器人); the secret is the robot's
 * key or its whole URL. A relay next to Alertmanager shortens messages to the robot's limit of 4,096 bytes
 * and detects errors, which the robot reports with status 200. A robot accepts 20 messages per minute: the
 * relay sends no more, and Alertmanager retries (https://developer.work.weixin.qq.com/document/path/91770).
 * @throws InvalidOptionError when an option is invalid.
 */
export function weComRobot(props: ReceiverProps): Receiver {
  const { name, secretKey } = optionsOf('receiver wecom_robot', props, RECEIVER);
  return buildReceiver('wecom_robot', name, { url_file: secretFile(secretKey) });
}

/** The options of `dingTalk()`. */
export const DINGTALK = {
  ...RECEIVER,
  signingKey: { rule: key, default: undefined },
  keyword: { rule: some, default: undefined },
} satisfies OptionTable<DingTalkProps>;

/**
 * Creates a receiver that sends messages to a DingTalk group; the secret is the URL of its robot. A relay
 * next to Alertmanager signs the messages and detects errors, which the robot reports with status 200. A
 * robot accepts 20 messages per minute (https://open.dingtalk.com/document/robots/custom-robot-access).
 * @throws InvalidOptionError when an option is invalid.
 */
export function dingTalk(props: DingTalkProps): Receiver {
  const { name, secretKey, signingKey, keyword } = optionsOf('receiver dingtalk', props, DINGTALK);
  return buildReceiver('dingtalk', name, {
    url_file: secretFile(secretKey),
    ...(signingKey && { secret_file: secretFile(signingKey) }),
    ...(keyword && { keyword }),
  });
}
