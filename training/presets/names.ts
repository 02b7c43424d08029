/** For the command's help; what loads no TensorFlow. */
export const presetSummaries = {
  digits: 'spoken and handwritten digits, which the repository carries; two minutes',
  small: 'natural sounds and pictures on two cores',
  'l3-fast': 'L3-Net with a stem of stride 2 and mel bands: four times cheaper',
  l3: 'L3-Net as its paper has it',
  report: 'the student report of 2022: L3-Net, batches of 128, 100 epochs',
  'fine-tune': 'classify: all of a branch and a hidden layer, as the report did it',
  probe: "classify: a linear SVM on a branch's features, as the paper did it",
  strong: 'classify: whole sounds, mixed, masked and shifted',
  nature: 'natural sounds and photos, as the published model: every sound of a batch with every picture',
  photos: 'classify: small squares of pictures, zoomed, blurred and mixed',
};

export const tasks = ['correspondence', 'classify'] as const;
