// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.cli.demo;

import dev.lakestream.spark.prepare.PackedSequence;
import dev.lakestream.spark.prepare.Packing;
import dev.lakestream.spark.prepare.SequencePacker;
import dev.lakestream.spark.prepare.Tokenize;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;

/** Source code in jars, as tokens in sequences: a Spark job like those that fill real streams. */
final class TokenizedCorpus implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The tokenizer's end of text, which no document can contain. */
  static final int END_OF_TEXT = 100_257;

  private static final String ENCODING = "cl100k_base";
  private static final int SLICES = 16;

  private final List<String> jars;
  private final int sequenceLength;

  /** A file of a jar. */
  private record SourceFile(String jar, String entry) implements Serializable {}

  TokenizedCorpus(List<Path> jars, int sequenceLength) {
    this.jars = jars.stream().map(Path::toString).toList();
    this.sequenceLength = sequenceLength;
  }

  /** Bytes of all source files. */
  long bytes() throws IOException {
    long bytes = 0;
    for (String jar : jars) {
      try (ZipFile zip = new ZipFile(jar)) {
        bytes += zip.stream().filter(TokenizedCorpus::isSource).mapToLong(ZipEntry::getSize).sum();
      }
    }
    return bytes;
  }

  /** The sequences; the same ones with the same ids whenever they are computed. */
  Dataset<Sample> samples(SparkSession spark) throws IOException {
    JavaRDD<SourceFile> files =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(files(), SLICES);
    return spark.createDataset(files.mapPartitions(this::pack).rdd(), Encoders.bean(Sample.class));
  }

  private List<SourceFile> files() throws IOException {
    List<SourceFile> files = new ArrayList<>();
    for (String jar : jars) {
      try (ZipFile zip = new ZipFile(jar)) {
        zip.stream()
            .filter(TokenizedCorpus::isSource)
            .map(entry -> new SourceFile(jar, entry.getName()))
            .forEach(files::add);
      }
    }
    return files;
  }

  private Iterator<Sample> pack(Iterator<SourceFile> files) throws IOException {
    List<Sample> samples = new ArrayList<>();
    List<String> sources = new ArrayList<>();
    SequencePacker packer =
        Packing.GREEDY.packer(
            sequenceLength, END_OF_TEXT, packed -> samples.add(sample(packed, sources)));
    while (files.hasNext()) {
      SourceFile file = files.next();
      sources.add(Path.of(file.jar()).getFileName().toString());
      packer.add(sources.size() - 1, withEnd(Tokenize.encode(read(file), ENCODING)));
    }
    packer.finish();
    long slice = TaskContext.getPartitionId();
    for (int i = 0; i < samples.size(); i++) {
      samples.get(i).setId(slice << Integer.SIZE | i);
    }
    return samples.iterator();
  }

  /** Its source is that of its first document. */
  private static Sample sample(PackedSequence packed, List<String> sources) {
    Sample sample = new Sample();
    sample.setSource(sources.get(packed.ids().get(0).intValue()));
    sample.setTokens(packed.tokens().stream().mapToInt(Integer::intValue).toArray());
    sample.setDocuments(packed.documents().stream().mapToInt(Integer::intValue).toArray());
    return sample;
  }

  private static int[] withEnd(int[] tokens) {
    int[] ended = java.util.Arrays.copyOf(tokens, tokens.length + 1);
    ended[tokens.length] = END_OF_TEXT;
    return ended;
  }

  private static String read(SourceFile file) throws IOException {
    try (ZipFile zip = new ZipFile(file.jar())) {
      ZipEntry entry = zip.getEntry(file.entry());
      return new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static boolean isSource(ZipEntry entry) {
    return entry.getName().endsWith(".java") || entry.getName().endsWith(".scala");
  }
}
