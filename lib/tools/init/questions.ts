import { dnsLabel, hostName, objectName, oneOfRule, wholeNumberRule } from '../../core/option-rules';
import type { Rule } from '../../core/validation';
import { CONTROLLERS, isControllerName } from './controllers';

/** Answers by the name of the question. */
export type Answers = Readonly<Partial<Record<QuestionName, string>>>;

/** Name of a question: the name of the option in camel case, such as `metricsHost` for `--metrics-host`. */
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

/** A question about a new environment. The user answers it with an option of `init` or on the terminal. */
export interface Question {
  readonly name: QuestionName;
  /** The option that answers the question, such as `--metrics-host`. */
  readonly flag: string;
  /** Text of the question. `--help` prints it as the description of the option. */
  readonly text: string;
  readonly rule: Rule;
  /** Default answer. @default - no default answer, so the option is required */
  readonly defaultAnswer?: DefaultAnswer;
}

/** Default answer to a question. */
export interface DefaultAnswer {
  /** Value of the answer. @default - the new environment does not contain the setting */
  readonly value?: string;
  /** Description of the default for the question and for `--help`, such as `the cluster's default class`. */
  readonly description: string;
}

const toDefaultAnswer = (value: string): DefaultAnswer => ({ value, description: value });

/**
 * Minimum number of nodes for which remote write is the default transport. The Pushgateway is simpler, but a push after
 * each scrape causes more traffic.
 */
const REMOTE_WRITE_NODES = 100;

/** Validation rule for the name of an environment, which is also the name of its folder in dist/ and of its cluster. */
const environmentName = dnsLabel;

const numberOfNodes: Rule = {
  allowed: wholeNumberRule(1, 100_000).allowed,
  accepts: (value) => /^\d{1,6}$/.test(String(value)) && wholeNumberRule(1, 100_000).accepts(Number(value)),
};

/**
 * Returns all questions in the order in which they are asked.
 * @param given answers to earlier questions, which determine rules and defaults of later questions
 */
export function createQuestions(given: Answers): Question[] {
  return [
    {
      name: 'name',
      flag: '--name',
      text: 'name of the environment and of its cluster, which is also a label of all metrics and logs',
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
      rule: ruleThatAlsoRejectsHost(hostName, given.metricsHost, 'the host for metrics'),
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
      text: 'transport of metrics: pushgateway (a push after each scrape) or remote-write (batches; samples wait on disk during an outage)',
      rule: oneOfRule('pushgateway', 'remote-write'),
      defaultAnswer: defaultTransportAnswer(given.nodes),
    },
    {
      name: 'controller',
      flag: '--controller',
      text: `ingress controller of the cluster: ${Object.keys(CONTROLLERS).join(', ')} (for any other controller)`,
      rule: oneOfRule(...Object.keys(CONTROLLERS)),
      defaultAnswer: toDefaultAnswer('ingress-nginx'),
    },
    {
      name: 'controllerNamespace',
      flag: '--controller-namespace',
      text: 'namespace of the pods of the ingress controller',
      rule: dnsLabel,
      defaultAnswer:
        given.controller === undefined
          ? CONTROLLER_NAMESPACE
          : defaultControllerNamespaceAnswer(given.controller),
    },
    {
      name: 'clusterIssuer',
      flag: '--cluster-issuer',
      text: "cert-manager's ClusterIssuer that signs the certificates of the hosts",
      rule: objectName,
      defaultAnswer: { description: 'none: you create the Secrets with the certificates' },
    },
    {
      name: 'grafanaHost',
      flag: '--grafana-host',
      text: 'public host of Grafana',
      rule: ruleThatAlsoRejectsHost(
        ruleThatAlsoRejectsHost(hostName, given.metricsHost, 'the host for metrics'),
        given.logsHost,
        'the host for logs',
      ),
      defaultAnswer: { description: 'none: Grafana is only reachable inside the cluster' },
    },
    {
      name: 'namespace',
      flag: '--namespace',
      text: 'namespace of the cloud components; agents on cloud nodes use the namespace NAME-nodes, agents on edge nodes NAME-edge',
      rule: {
        ...dnsLabel,
        accepts: (value) => dnsLabel.accepts(`${value}-nodes`) && dnsLabel.accepts(value),
      },
      defaultAnswer: toDefaultAnswer('monitoring'),
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

function defaultTransportAnswer(nodes: string | undefined): DefaultAnswer {
  if (nodes === undefined) return { description: `pushgateway below ${REMOTE_WRITE_NODES} nodes` };
  return toDefaultAnswer(Number(nodes) < REMOTE_WRITE_NODES ? 'pushgateway' : 'remote-write');
}

const CONTROLLER_NAMESPACE: DefaultAnswer = {
  description: 'the default namespace of the controller; no default for --controller proxy',
};

function defaultControllerNamespaceAnswer(controller: string): DefaultAnswer | undefined {
  const namespace = isControllerName(controller) ? CONTROLLERS[controller].namespace : undefined;
  return namespace === undefined ? undefined : toDefaultAnswer(namespace);
}

/**
 * Returns a rule that accepts the same values as `rule`, except for the host of an earlier answer.
 * @param taken the host of the earlier answer; if it is undefined, `rule` is returned
 * @param what description of `taken` for messages, such as `the host for metrics`
 */
function ruleThatAlsoRejectsHost(rule: Rule, taken: string | undefined, what: string): Rule {
  if (taken === undefined) return rule;
  return {
    allowed: `${rule.allowed}, other than ${what}`,
    accepts: (value) => rule.accepts(value) && value !== taken,
  };
}
