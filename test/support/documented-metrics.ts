const KUBE_STATE_METRICS = 'https://github.com/kubernetes/kube-state-metrics/blob/v2.20.0/docs/metrics';
const LOKI = 'https://github.com/grafana/loki/blob/v3.7.6/production/loki-mixin';
const ALLOY = 'https://grafana.com/docs/alloy/v1.18/reference/components/loki';
const PROMTAIL = 'https://github.com/grafana/loki/blob/v3.6.0/clients/pkg/promtail';

/** Sources of metrics whose components cannot run in these tests, or need other hardware, by the name of the metric. */
export const documentedMetrics: Readonly<Record<string, string>> = {
  certmanager_certificate_expiration_timestamp_seconds:
    'https://cert-manager.io/docs/devops-tips/prometheus-metrics/',
  scrape_series_current:
    'https://docs.victoriametrics.com/victoriametrics/vmagent/#automatically-generated-metrics',
  // The sidecar of an exporter with targets pushes this metric. test/e2e/exporter-targets.test.ts runs both.
  exporter_target_up: 'lib/edge/exporter/push-sidecar.sh',
  // This metric only exists after the first refused push. test/e2e/remote-write.test.ts refuses some pushes.
  edge_pushes_refused_total: 'lib/edge/metrics-agent/push-listener/job-limits.mjs',
  // test/e2e/node-certificates.test.ts reads these metrics.
  ...documentedBy('lib/cloud/node-admission/admission/node-admission.mjs', [
    'node_admission_list_confirmed_timestamp_seconds',
    'node_admission_refused_total',
  ]),
  // test/e2e/exporter-targets.test.ts runs the blackbox exporter.
  ...documentedBy('https://github.com/prometheus/blackbox_exporter', [
    'probe_ssl_earliest_cert_expiry',
    'probe_success',
  ]),
  traefik_tls_certs_not_after: 'https://doc.traefik.io/traefik/v3.6/observability/metrics/overview/',
  ...documentedBy('https://docs.victoriametrics.com/victoriametrics/vmalert/#monitoring', [
    'vmalert_alerts_send_errors_total',
    'vmalert_execution_errors_total',
    'vmalert_remotewrite_dropped_rows_total',
  ]),
  // test/e2e/victoria-metrics.test.ts runs these programs if their paths are set.
  ...documentedBy('https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/#monitoring', [
    'vm_rows_added_to_storage_total',
    'vm_rpc_rows_incompletely_replicated_total',
    'vm_slow_row_inserts_total',
    'vm_storage_is_read_only',
  ]),
  ...documentedBy('https://docs.fluentbit.io/manual/administration/monitoring', [
    'fluentbit_input_ingestion_paused',
    'fluentbit_output_chunk_available_capacity_percent',
    'fluentbit_output_dropped_records_total',
    'fluentbit_output_retries_total',
  ]),
  ...documentedBy(`${PROMTAIL}/targets/file/metrics.go`, [
    'promtail_file_bytes_total',
    'promtail_read_bytes_total',
  ]),
  ...documentedBy(`${PROMTAIL}/client/client.go`, [
    'promtail_dropped_entries_total',
    'promtail_sent_bytes_total',
  ]),
  nginx_ingress_controller_ssl_expire_time_seconds:
    'https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/',
  ...documentedBy(`${KUBE_STATE_METRICS}/cluster/node-metrics.md`, [
    'kube_node_info',
    'kube_node_labels',
    'kube_node_role',
    'kube_node_status_condition',
  ]),
  ...documentedBy(`${KUBE_STATE_METRICS}/workload/pod-metrics.md`, [
    'kube_pod_container_status_restarts_total',
    'kube_pod_container_status_waiting_reason',
    'kube_pod_info',
    'kube_pod_status_phase',
    'kube_pod_status_ready',
  ]),
  ...documentedBy(`${KUBE_STATE_METRICS}/workload/daemonset-metrics.md`, [
    'kube_daemonset_status_desired_number_scheduled',
    'kube_daemonset_status_updated_number_scheduled',
  ]),
  ...documentedBy(`${KUBE_STATE_METRICS}/workload/deployment-metrics.md`, [
    'kube_deployment_spec_replicas',
    'kube_deployment_status_replicas_available',
  ]),
  ...documentedBy(`${KUBE_STATE_METRICS}/workload/statefulset-metrics.md`, [
    'kube_statefulset_replicas',
    'kube_statefulset_status_replicas_ready',
  ]),
  ...documentedBy('https://github.com/kubernetes/kube-state-metrics/blob/v2.20.0/README.md', [
    'kube_state_metrics_list_total',
    'kube_state_metrics_watch_total',
  ]),
  ...documentedBy('https://kubernetes.io/docs/reference/instrumentation/metrics/', [
    'kubelet_volume_stats_available_bytes',
    'kubelet_volume_stats_capacity_bytes',
  ]),
  ...documentedBy('https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md', [
    'container_cpu_cfs_periods_total',
    'container_cpu_cfs_throttled_periods_total',
    'container_cpu_usage_seconds_total',
    'container_memory_working_set_bytes',
    'container_network_receive_bytes_total',
    'container_network_transmit_bytes_total',
    'container_oom_events_total',
  ]),
  ...documentedBy(`${LOKI}/alerts.libsonnet`, [
    'loki_boltdb_shipper_compact_tables_operation_last_successful_run_timestamp_seconds',
    'loki_request_duration_seconds_count',
  ]),
  ...documentedBy(`${LOKI}/recording_rules.libsonnet`, ['loki_request_duration_seconds_bucket']),
  ...documentedBy('https://grafana.com/docs/loki/v3.7.x/operations/observability/', [
    'loki_discarded_samples_total',
    'loki_distributor_bytes_received_total',
    'loki_ingester_memory_streams',
  ]),
  ...documentedBy(`${ALLOY}/loki.source.file/#debug-metrics`, [
    'loki_source_file_file_bytes_total',
    'loki_source_file_read_bytes_total',
  ]),
  ...documentedBy(`${ALLOY}/loki.write/#debug-metrics`, [
    'loki_write_dropped_entries_total',
    'loki_write_sent_bytes_total',
  ]),
  ...documentedBy('https://github.com/prometheus/node_exporter/blob/v1.12.1/collector/cpu_linux.go', [
    'node_cpu_core_throttles_total',
    'node_cpu_package_throttles_total',
  ]),
  ...documentedBy('https://github.com/prometheus/node_exporter/blob/v1.12.1/collector/hwmon_linux.go', [
    'node_hwmon_temp_celsius',
  ]),
  ...documentedBy(
    'https://github.com/prometheus/node_exporter/blob/v1.12.1/collector/thermal_zone_linux.go',
    ['node_thermal_zone_temp'],
  ),
};

function documentedBy(source: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, source]));
}
