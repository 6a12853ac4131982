export { LogCollector, type LogCollectorProps } from './log-collector';
export { logCollectorRules } from './rules';
