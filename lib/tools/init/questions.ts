import { dnsLabel, hostName, objectName, oneOf, wholeNumber } from '../../core/option-rules';
import type { Rule } from '../../core/validation';
import { CONTROLLERS, isControllerName } from './controllers';

/** Answers by the names of the questions. */
export type Answers = Readonly<Partial<Record<QuestionName, string>>>;

export type QuestionName =
  | 'name'
  | 'metricsHost'
  | 'logsHost'
  | 'grafanaHost'
  | 'namespace'
  | 'storageClass'
  | 'controller'
  | 'controllerNamespace'
  | 'clusterIssuer'
  | 'nodes'
  | 'transport';

/** A question about an environment. */
export interface Question {
  readonly name: QuestionName;
  /** The option that answers it. */
  readonly flag: string;
  /** Text of the question, also used for the help. */
  readonly text: string;
  readonly rule: Rule;
  /** Default answer. @default - none; an answer is required */
  readonly defaultAnswer?: DefaultAnswer;
}

/** A default value, or none, and its description. */
export interface DefaultAnswer {
  readonly value?: string;
  readonly description: string;
}

const defaultValue = (value: string): DefaultAnswer => ({ value, description: value });

/** Number of nodes from which the traffic of a push per scrape outweighs its simplicity. */
const REMOTE_WRITE_NODES = 100;

/** Rule for the name of an environment: the folder in dist/, and the cluster. */
const environmentName = dnsLabel;

const numberOfNodes: Rule = {
  allowed: wholeNumber(1, 100_000).allowed,
  accepts: (value) => /^\d{1,6}$/.test(String(value)) && wholeNumber(1, 100_000).accepts(Number(value)),
};

/** Returns the questions in order; some depend on earlier answers. */
export function createQuestions(given: Answers): Question[] {
  return [
    {
      name: 'name',
      flag: '--name',
      text: 'name of the environment and of its cluster, as metrics and logs are labelled',
      rule: environmentName,
    },
    {
      name: 'metricsHost',
      flag: '--metrics-host',
      text: 'public host that edge nodes push metrics to',
      rule: hostName,
    },
    {
      name: 'logsHost',
      flag: '--logs-host',
      text: 'public host that edge nodes push logs to',
      rule: hostOtherThan(hostName, given.metricsHost, 'the host of the metrics'),
    },
    {
      name: 'nodes',
      flag: '--nodes',
      text: 'number of edge nodes that the fleet has or will have',
      rule: numberOfNodes,
    },
    {
      name: 'transport',
      flag: '--transport',
      text: 'transport of metrics: pushgateway (pushed after each scrape) or remote-write (batches from a queue that covers outages)',
      rule: oneOf('pushgateway', 'remote-write'),
      defaultAnswer: defaultTransport(given.nodes),
    },
    {
      name: 'controller',
      flag: '--controller',
      text: `ingress controller of the cluster: ${Object.keys(CONTROLLERS).join(', ')} (any other one)`,
      rule: oneOf(...Object.keys(CONTROLLERS)),
      defaultAnswer: defaultValue('ingress-nginx'),
    },
    {
      name: 'controllerNamespace',
      flag: '--controller-namespace',
      text: 'namespace of its pods',
      rule: dnsLabel,
      defaultAnswer:
        given.controller === undefined ? CONTROLLER_NAMESPACE : defaultControllerNamespace(given.controller),
    },
    {
      name: 'clusterIssuer',
      flag: '--cluster-issuer',
      text: "cert-manager's ClusterIssuer that signs the certificates of the hosts",
      rule: objectName,
      defaultAnswer: { description: 'none: you create the Secrets' },
    },
    {
      name: 'grafanaHost',
      flag: '--grafana-host',
      text: 'public host of Grafana',
      rule: hostOtherThan(
        hostOtherThan(hostName, given.metricsHost, 'the host of the metrics'),
        given.logsHost,
        'the host of the logs',
      ),
      defaultAnswer: { description: 'none: inside the cluster only' },
    },
    {
      name: 'namespace',
      flag: '--namespace',
      text: 'namespace of the cloud components; agents on cloud nodes use NAME-nodes, those on edge nodes NAME-edge',
      rule: {
        ...dnsLabel,
        accepts: (value) => dnsLabel.accepts(`${value}-nodes`) && dnsLabel.accepts(value),
      },
      defaultAnswer: defaultValue('monitoring'),
    },
    {
      name: 'storageClass',
      flag: '--storage-class',
      text: 'storage class of the volumes',
      rule: objectName,
      defaultAnswer: { description: "the cluster's default class" },
    },
  ];
}

function defaultTransport(nodes: string | undefined): DefaultAnswer {
  if (nodes === undefined) return { description: `pushgateway below ${REMOTE_WRITE_NODES} nodes` };
  return defaultValue(Number(nodes) < REMOTE_WRITE_NODES ? 'pushgateway' : 'remote-write');
}

const CONTROLLER_NAMESPACE: DefaultAnswer = {
  description: 'that of its own installation; required for proxy',
};

function defaultControllerNamespace(controller: string): DefaultAnswer | undefined {
  const namespace = isControllerName(controller) ? CONTROLLERS[controller].namespace : undefined;
  return namespace === undefined ? undefined : defaultValue(namespace);
}

/** Rule for a value that differs from an earlier answer. */
function hostOtherThan(rule: Rule, taken: string | undefined, what: string): Rule {
  if (taken === undefined) return rule;
  return {
    allowed: `${rule.allowed}, other than ${what}`,
    accepts: (value) => rule.accepts(value) && value !== taken,
  };
}
