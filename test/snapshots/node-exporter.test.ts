import { testSnapshots } from './components';

testSnapshots('node-exporter');
