import type { Span } from '@opentelemetry/api';
import type { AnsweredRequest } from '../http/server.ts';

/** Spans of requests, sent by OTLP. */
export interface Traces {
  /** Of one request that has its answer. */
  request(request: AnsweredRequest): void;
  flush(): Promise<void>;
}

export interface TracesOptions {
  version: string;
  /** Told of spans that could not be sent. */
  onTrouble: (error: Error) => void;
}

/**
 * Traces to the collector that `OTEL_EXPORTER_OTLP_ENDPOINT` names; its other variables (headers, service name) count too. The
 * libraries are loaded only then.
 */
export async function createTraces({ version, onTrouble }: TracesOptions): Promise<Traces> {
  const api = await import('@opentelemetry/api');
  const say = (message: string, ...more: unknown[]) => onTrouble(new Error([message, ...more].join(' ')));
  const nothing = () => {};
  api.diag.setLogger(
    { error: say, warn: say, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    '@opentelemetry/resources'
  );
  // What comes later counts: last the operator's OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'clapper', 'service.version': version }))
    .merge(detectResources({ detectors: [envDetector] }));
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  const tracer = provider.getTracer('clapper', version);

  return {
    request({ id, method, route, status, grpcCode, seconds, traceparent, timings }) {
      const endTime = Date.now();
      const startTime = endTime - seconds * 1000;
      const parent = parentOf(traceparent);
      const context = parent ? api.trace.setSpanContext(api.ROOT_CONTEXT, parent) : api.ROOT_CONTEXT;
      const http = { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status };
      const rpc = { 'rpc.system': 'grpc', 'rpc.method': route.slice(1), 'rpc.grpc.status_code': grpcCode };
      const attributes = { ...(grpcCode === undefined ? http : rpc), 'clapper.request_id': id };
      const span: Span = tracer.startSpan(
        grpcCode === undefined ? `${method} ${route}` : route.slice(1),
        { kind: api.SpanKind.SERVER, startTime, attributes },
        context,
      );
      if (status >= 500) span.setStatus({ code: api.SpanStatusCode.ERROR });
      const inside = api.trace.setSpan(context, span);
      let at = startTime;
      for (const [name, milliseconds] of Object.entries(timings ?? {})) {
        tracer.startSpan(name, { startTime: at }, inside).end(at + milliseconds);
        at += milliseconds;
      }
      span.end(endTime);
    },
    flush: () => provider.shutdown(),
  };
}

/** @returns the caller's span; null where the header is none. */
function parentOf(traceparent: string | undefined) {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? [];
  return traceId && spanId
    ? { traceId, spanId, traceFlags: Number.parseInt(flags as string, 16), isRemote: true }
    : null;
}
