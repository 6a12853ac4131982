import type { RuleSource } from '../../contracts/rules';
import { alertingRule } from '../../core/alerts';
import { componentDownAlert } from '../component-down';

/**
 * Returns the alerts about `NodeAdmission`: the server is down, its lists of nodes are outdated, or it
 * refuses certificates.
 */
export const alertRulesAboutNodeAdmission = (job = 'cloud-node-admission'): RuleSource => ({
  ruleGroups: [
    {
      name: 'node-admission',
      rules: [
        componentDownAlert(
          'NodeAdmission',
          job,
          'critical',
          'guards use their cached responses. Without a cached response, guards admit each node with a valid certificate, even a denied or deleted node',
        ),
        alertingRule('NodeAdmissionOutdated', {
          severity: 'warning',
          for: '2m',
          expr: `time() - min by (cluster, list) (node_admission_list_confirmed_timestamp_seconds{job="${job}"}) > 120`,
          summary: 'The list "{{ $labels.list }}" that guards use is outdated',
          description:
            'The last valid list "{{ $labels.list }}" from the API server arrived {{ $value | humanizeDuration }} ago. Either the API server does not answer, or its list lacks more than half of the nodes and is ignored. Nodes that were denied or deleted since then can still push.',
        }),
        alertingRule('NodeCertificateRefused', {
          severity: 'warning',
          for: '10m',
          expr: `sum by (cluster, reason, node) (increase(node_admission_refused_total{job="${job}"}[10m])) > 0`,
          summary:
            'Certificates of nodes are refused: reason "{{ $labels.reason }}", node "{{ $labels.node }}"',
          description:
            '{{ $value | humanize }} requests were rejected within 10 minutes, with the reason {{ $labels.reason }}. Either an allowed node cannot send metrics and logs, or a device that must not push still tries.',
        }),
      ],
    },
  ],
});
