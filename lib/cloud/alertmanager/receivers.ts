import { matching } from '../../core/option-rules';
import { type OptionTable, optionsOf } from '../../core/option-table';
import type { Rule } from '../../core/validation';
import type { Integration, IntegrationConfig } from './receiver-fields';

/** Where the Secret of the receivers is mounted: each of its keys is a file. */
export const RECEIVERS_DIR = '/etc/alertmanager/receivers';

/** A receiver in Alertmanager's own format. Secrets are files of the receivers' Secret, below RECEIVERS_DIR. */
export type Receiver = {
  /** What routes call it; no two receivers share it. */
  readonly name: string;
} & { readonly [I in Integration as `${I}_configs`]?: readonly IntegrationConfig<I>[] };

/** What every receiver is told. */
export interface ReceiverProps {
  /** What routes call it; no two receivers share it. */
  readonly name: string;
  /** The key of the receivers' Secret that holds what nobody may know: an address, a password, a key. */
  readonly secretKey: string;
}

/** A receiver by e-mail. */
export interface EmailProps extends ReceiverProps {
  /** Addresses, separated by commas. */
  readonly to: string;
  /** The address that it comes from. */
  readonly from: string;
  /** Host and port of the server, such as `smtp.example.com:587`. */
  readonly smarthost: string;
  /** The user that Alertmanager logs in as at the server; the secret is the password. */
  readonly username: string;
}

/** A receiver in Slack, or in what takes its incoming webhooks. */
export interface SlackProps extends ReceiverProps {
  /** Such as `#edge`. @default - the webhook's own */
  readonly channel?: string;
}

/** A receiver in WeCom (WeChat Work, 企业微信): an app of the company. */
export interface WeComProps extends ReceiverProps {
  /** Id of the company (企业ID). */
  readonly corpId: string;
  /** Id of the app (AgentId) that messages come from. */
  readonly agentId: string;
  /** Users, separated by `|`. @default - without `toParty`, everyone who sees the app */
  readonly toUser?: string;
  /** Departments, separated by `|`. @default - none */
  readonly toParty?: string;
}

/** A robot in a group of DingTalk. */
export interface DingTalkProps extends ReceiverProps {
  /** The key of the receivers' Secret that holds what messages are signed with (`SEC...`). @default - a robot that asks for no signature */
  readonly signingKey?: string;
  /** A word that the robot asks for in every message. @default - none */
  readonly keyword?: string;
}

/** The templates of notification.tmpl. */
const TITLE = '{{ template "edge.title" . }}';
const TEXT = '{{ template "edge.text" . }}';

const key = matching(
  /^[-._A-Za-z0-9]+$/,
  'a key of a Secret: letters, digits, "-", "_" and ".", such as "webhook-url"',
);

const some: Rule = {
  allowed: 'a text that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
};

/** The options of every receiver. */
export const RECEIVER = {
  name: { rule: some },
  secretKey: { rule: key },
} satisfies OptionTable<ReceiverProps>;

/** A receiver of one integration, by Alertmanager's name of its kind, whose secret is a file. */
const receiver = <I extends Integration>(
  kind: I,
  name: string,
  config: Readonly<Record<string, unknown>>,
): Receiver => {
  const integrations: Omit<Receiver, 'name'> = { [`${kind}_configs` as const]: [config] };
  return { name, ...integrations };
};

const fileOf = (secretKey: string): string => `${RECEIVERS_DIR}/${secretKey}`;

/**
 * Whatever takes Alertmanager's own JSON by POST; the secret is its address.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function webhook(props: ReceiverProps): Receiver {
  const { name, secretKey } = optionsOf('receiver webhook', props, RECEIVER);
  return receiver('webhook', name, { url_file: fileOf(secretKey), send_resolved: true });
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
 * By e-mail; the secret is the password of the user at the server.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function email(props: EmailProps): Receiver {
  const { name, secretKey, to, from, smarthost, username } = optionsOf('receiver email', props, EMAIL);
  return receiver('email', name, {
    to,
    from,
    smarthost,
    auth_username: username,
    auth_password_file: fileOf(secretKey),
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
 * In Slack; the secret is the address of an incoming webhook.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function slack(props: SlackProps): Receiver {
  const { name, secretKey, channel } = optionsOf('receiver slack', props, SLACK);
  return receiver('slack', name, {
    api_url_file: fileOf(secretKey),
    ...(channel && { channel }),
    title: TITLE,
    text: TEXT,
    send_resolved: true,
  });
}

/**
 * In PagerDuty; the secret is the integration key of its Events API, version 2.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function pagerDuty(props: ReceiverProps): Receiver {
  const { name, secretKey } = optionsOf('receiver pagerduty', props, RECEIVER);
  return receiver('pagerduty', name, {
    routing_key_file: fileOf(secretKey),
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
 * In WeCom, by an app of the company; the secret is that of the app.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function weCom(props: WeComProps): Receiver {
  const { name, secretKey, corpId, agentId, toUser, toParty } = optionsOf('receiver wechat', props, WECOM);
  return receiver('wechat', name, {
    api_secret_file: fileOf(secretKey),
    corp_id: corpId,
    agent_id: agentId,
    ...(toParty && { to_party: toParty }),
    ...(toUser && { to_user: toUser }),
    message: `${TITLE}\n${TEXT}`,
    send_resolved: true,
  });
}

/**
 * In a group of WeCom, by its robot (群机器人); the secret is the key of the robot, or its whole address. A small relay beside
 * Alertmanager writes its messages of at most 4,096 bytes, and takes a refusal for a failure, which comes as an answer of
 * 200. A robot takes 20 messages a minute: the relay sends no more, and Alertmanager tries again
 * (https://developer.work.weixin.qq.com/document/path/91770).
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function weComRobot(props: ReceiverProps): Receiver {
  const { name, secretKey } = optionsOf('receiver wecom_robot', props, RECEIVER);
  return receiver('wecom_robot', name, { url_file: fileOf(secretKey) });
}

/** The options of `dingTalk()`. */
export const DINGTALK = {
  ...RECEIVER,
  signingKey: { rule: key, default: undefined },
  keyword: { rule: some, default: undefined },
} satisfies OptionTable<DingTalkProps>;

/**
 * In a group of DingTalk; the secret is the address of its robot. Alertmanager cannot sign messages and takes a robot's
 * refusal, which comes as an answer of 200, for success: a small relay beside it does both. A robot takes 20 messages a
 * minute (https://open.dingtalk.com/document/robots/custom-robot-access).
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function dingTalk(props: DingTalkProps): Receiver {
  const { name, secretKey, signingKey, keyword } = optionsOf('receiver dingtalk', props, DINGTALK);
  return receiver('dingtalk', name, {
    url_file: fileOf(secretKey),
    ...(signingKey && { secret_file: fileOf(signingKey) }),
    ...(keyword && { keyword }),
  });
}
