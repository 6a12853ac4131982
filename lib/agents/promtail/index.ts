export { promtail } from './promtail';
