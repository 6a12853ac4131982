import { matching } from '../../core/option-rules';
import { type Rule, verify } from '../../core/validation';
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
  /** Users, separated by `|`. @default - everyone who sees the app */
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

/** A receiver whose options are checked; `configs` is Alertmanager's name of its kind. */
function receiver(
  kind: 'dingtalk' | 'wecom_robot' | 'webhook' | 'email' | 'slack' | 'pagerduty' | 'wechat',
  { name, secretKey }: ReceiverProps,
  required: Readonly<Record<string, unknown>>,
  config: (secretFile: string) => Readonly<Record<string, unknown>>,
): Receiver {
  verify(`receiver ${kind}`, {
    name: [name ?? null, some],
    secretKey: [secretKey ?? null, key],
    ...Object.fromEntries(Object.entries(required).map(([option, value]) => [option, [value ?? null, some]])),
  });
  const integrations: Omit<Receiver, 'name'> = {
    [`${kind}_configs` as const]: [config(`${RECEIVERS_DIR}/${secretKey}`)],
  };
  return { name, ...integrations };
}

/** Whatever takes Alertmanager's own JSON by POST; the secret is its address. */
export const webhook = (props: ReceiverProps): Receiver =>
  receiver('webhook', props, {}, (url_file) => ({ url_file, send_resolved: true }));

/** By e-mail; the secret is the password of the user at the server. */
export const email = ({ to, from, smarthost, username, ...props }: EmailProps): Receiver =>
  receiver('email', props, { to, from, smarthost, username }, (auth_password_file) => ({
    to,
    from,
    smarthost,
    auth_username: username,
    auth_password_file,
    send_resolved: true,
    headers: { subject: TITLE },
  }));

/** In Slack; the secret is the address of an incoming webhook. */
export const slack = ({ channel, ...props }: SlackProps): Receiver =>
  receiver('slack', props, {}, (api_url_file) => ({
    api_url_file,
    ...(channel && { channel }),
    title: TITLE,
    text: TEXT,
    send_resolved: true,
  }));

/** In PagerDuty; the secret is the integration key of its Events API, version 2. */
export const pagerDuty = (props: ReceiverProps): Receiver =>
  receiver('pagerduty', props, {}, (routing_key_file) => ({
    routing_key_file,
    description: TITLE,
    severity: '{{ .CommonLabels.severity }}',
    details: { text: TEXT },
    send_resolved: true,
  }));

/** In WeCom, by an app of the company; the secret is that of the app. */
export const weCom = ({ corpId, agentId, toUser, toParty, ...props }: WeComProps): Receiver =>
  receiver('wechat', props, { corpId, agentId }, (api_secret_file) => ({
    api_secret_file,
    corp_id: corpId,
    agent_id: agentId,
    ...(toParty && { to_party: toParty }),
    ...((toUser || !toParty) && { to_user: toUser ?? '@all' }),
    message: `${TITLE}\n${TEXT}`,
    send_resolved: true,
  }));

/**
 * In a group of WeCom, by its robot (群机器人); the secret is the key of the robot, or its whole address. A small relay beside
 * Alertmanager writes its messages of at most 4,096 bytes, and takes a refusal for a failure, which comes as an answer of
 * 200. A robot takes 20 messages a minute: the relay sends no more, and Alertmanager tries again
 * (https://developer.work.weixin.qq.com/document/path/91770).
 */
export const weComRobot = (props: ReceiverProps): Receiver =>
  receiver('wecom_robot', props, {}, (url_file) => ({ url_file }));

/**
 * In a group of DingTalk; the secret is the address of its robot. Alertmanager cannot sign messages and takes a robot's
 * refusal, which comes as an answer of 200, for success: a small relay beside it does both. A robot takes 20 messages a
 * minute (https://open.dingtalk.com/document/robots/custom-robot-access).
 */
export const dingTalk = ({ signingKey, keyword, ...props }: DingTalkProps): Receiver => {
  verify('receiver dingtalk', { signingKey: [signingKey, key], keyword: [keyword, some] });
  return receiver('dingtalk', props, {}, (url_file) => ({
    url_file,
    ...(signingKey && { secret_file: `${RECEIVERS_DIR}/${signingKey}` }),
    ...(keyword && { keyword }),
  }));
};
