export { logCollectorComponent } from './component';
export { LogCollector, type LogCollectorProps } from './log-collector';
