import type { AlertRule, RuleSource } from '../../lib';
import { environmentRules } from '../../lib/charts/environment-rules';
import { alertRulesAboutScraperAndRuleEvaluator } from '../../lib/cloud/evaluated-store';
import { alertRulesAboutPrometheus } from '../../lib/cloud/prometheus/rules';
import { alertRulesAboutOperatorPrometheus } from '../../lib/cloud/prometheus-operator';
import { alertRulesAboutVictoriaMetrics } from '../../lib/cloud/victoria-metrics';
import { ingressCases } from '../access/ingress.rules.cases';
import { alertmanagerCases } from '../cloud/alertmanager.rules.cases';
import { evaluatedStoreCases } from '../cloud/evaluated-store.rules.cases';
import { hostProbeCases } from '../cloud/host-probe.rules.cases';
import { kubeEdgeCases } from '../cloud/kubeedge.rules.cases';
import { kubernetesCases } from '../cloud/kubernetes.rules.cases';
import { logCollectorCases } from '../cloud/log-collector.rules.cases';
import { lokiCases } from '../cloud/loki.rules.cases';
import { metricsGatewayCases } from '../cloud/metrics-gateway.rules.cases';
import { nodeAdmissionCases } from '../cloud/node-admission.rules.cases';
import { prometheusCases } from '../cloud/prometheus.rules.cases';
import { prometheusOperatorCases } from '../cloud/prometheus-operator.rules.cases';
import { pushgatewayCases } from '../cloud/pushgateway.rules.cases';
import { stackCases } from '../cloud/stack.rules.cases';
import { victoriaMetricsCases } from '../cloud/victoria-metrics.rules.cases';
import { agentCases } from '../edge/agents.rules.cases';
import { logCases } from '../edge/logs.rules.cases';
import { podCases } from '../edge/pods.rules.cases';
import { reachabilityCases } from '../edge/reachability.rules.cases';
import { storageCases } from '../edge/storage.rules.cases';
import { systemCases } from '../edge/system.rules.cases';
import { uplinkCases } from '../edge/uplink.rules.cases';
import { type AlertCases, alertRulesOf } from './rule-cases';

const rules = environmentRules({
  exporters: ['pushgateway'],
  gateway: 'metrics-gateway',
  services: ['pushgateway-services'],
  nodes: [{ group: 'north', transport: 'remote-write', uplinkBudget: '20Mi' }],
  edgeNamespace: 'monitoring-edge',
  certificates: true,
  ingressNamespaces: ['monitoring', 'ingress-nginx'],
});

/** Sources of all rules of this project, by the program that evaluates the rules. */
export const allRules: Readonly<Record<'prometheus' | 'loki', readonly RuleSource[]>> = {
  prometheus: [
    alertRulesAboutPrometheus({ replicas: 2 }),
    alertRulesAboutOperatorPrometheus(),
    alertRulesAboutScraperAndRuleEvaluator(),
    alertRulesAboutVictoriaMetrics(),
    ...rules.prometheus,
  ],
  loki: rules.loki,
};

/** All alerts of this project. */
export const allAlerts: readonly AlertRule[] = alertRulesOf([...allRules.prometheus, ...allRules.loki]);

/** Test cases of alerts, by the file of rules. */
export const allCases: Readonly<Record<string, AlertCases>> = {
  reachability: reachabilityCases,
  storage: storageCases,
  system: systemCases,
  uplink: uplinkCases,
  pods: podCases,
  agents: agentCases,
  logs: logCases,
  ingress: ingressCases,
  'host-probe': hostProbeCases,
  'node-admission': nodeAdmissionCases,
  prometheus: prometheusCases,
  'prometheus-operator': prometheusOperatorCases,
  'evaluated-store': evaluatedStoreCases,
  'victoria-metrics': victoriaMetricsCases,
  pushgateway: pushgatewayCases,
  'metrics-gateway': metricsGatewayCases,
  loki: lokiCases,
  'log-collector': logCollectorCases,
  alertmanager: alertmanagerCases,
  stack: stackCases,
  kubeedge: kubeEdgeCases,
  kubernetes: kubernetesCases,
};
