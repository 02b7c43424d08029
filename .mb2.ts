import * as ort from 'onnxruntime-node';
async function t(name:string,n:number,f:()=>unknown,N=1500){ for(let i=0;i<N/2;i++) await f(); const c=process.cpuUsage(), w=performance.now(); for(let i=0;i<N;i++) await f(); const u=process.cpuUsage(c); console.log(name.padEnd(24),'cpu per item',((u.user+u.system)/N/n).toFixed(0)); }
 const o={intraOpNumThreads:1,interOpNumThreads:1,logSeverityLevel:3 as const};
 const A=await ort.InferenceSession.create('models/digits/audio.onnx',o), I=await ort.InferenceSession.create('models/digits/image.onnx',o), M=await ort.InferenceSession.create('models/digits/match.onnx',o);
for (const n of [1,2,4,8,16]) {
const wf=new Float32Array(8000*n).map(()=>Math.random()-.5), px=new Uint8Array(28*28*3*n), e=new Float32Array(64*n);
 await t('audio '+n, n, ()=>A.run({waveform:new ort.Tensor('float32',wf,[n,8000])},['audio_embedding']));
 await t('image '+n, n, ()=>I.run({image:new ort.Tensor('uint8',px,[n,28,28,3])},['image_embedding']));
 await t('match '+n, n, ()=>M.run({audio_embedding:new ort.Tensor('float32',e,[n,64]),image_embedding:new ort.Tensor('float32',e,[n,64])},['logits']));
}
process.exit(0)
