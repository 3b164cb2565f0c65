// Every function is exported as it was imported: what the host gets back went through JavaScript's own values in both directions, twice.
import * as host from 'windhover:values/roundtrip@0.1.0';

export const roundtrip = { ...host };
