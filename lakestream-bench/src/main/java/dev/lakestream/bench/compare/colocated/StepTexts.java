// SPDX-License-Identifier: Apache-2.0
package dev.lakestream.bench.compare.colocated;

import com.knuddels.jtokkit.Encodings;
import dev.lakestream.spark.prepare.Tokenize;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The text of each step, in a file of its own, which both sides tokenize: documents with a zero
 * byte between them. A step's batch is all whole rows that its tokens give, with the end of text
 * after each document.
 *
 * @param folder of the files
 * @param steps how many there are
 */
record StepTexts(Path folder, int steps) {
  static final int ROW_TOKENS = 2048;

  private static final String ENCODING = "cl100k_base";
  private static final int END_OF_TEXT = 100_257;
  private static final int STEP_CHARACTERS = 256 << 10;
  private static final String VOCABULARY = "/com/knuddels/jtokkit/cl100k_base.tiktoken";
  private static final String SEPARATOR = "\0";

  /** Fills the steps with documents, which begin anew where there are too few. */
  static StepTexts write(Path folder, List<String> documents, int steps) throws IOException {
    Files.createDirectories(folder);
    Iterator<String> remaining = documents.iterator();
    for (int step = 0; step < steps; step++) {
      List<String> texts = new ArrayList<>();
      int characters = 0;
      while (characters < STEP_CHARACTERS) {
        if (!remaining.hasNext()) {
          remaining = documents.iterator();
        }
        texts.add(remaining.next());
        characters += texts.get(texts.size() - 1).length();
      }
      Files.writeString(folder.resolve(step + ".txt"), String.join(SEPARATOR, texts));
    }
    return new StepTexts(folder, steps);
  }

  /** The source files in the jars of a folder. */
  static List<String> sources(Path folder) throws IOException {
    List<String> documents = new ArrayList<>();
    try (Stream<Path> jars = Files.list(folder)) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          for (ZipEntry entry :
              zip.stream().filter(file -> file.getName().matches(".*\\.(java|scala)")).toList()) {
            try (InputStream in = zip.getInputStream(entry)) {
              documents.add(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
          }
        }
      }
    }
    if (documents.isEmpty()) {
      throw new FileNotFoundException("no source code in " + folder + ": run ./mvnw package");
    }
    return documents;
  }

  /** The vocabulary of our tokenizer, in the format of tiktoken; returns the file. */
  Path writeVocabulary() throws IOException {
    Path file = folder.resolve("cl100k_base.tiktoken");
    try (InputStream in = Encodings.class.getResourceAsStream(VOCABULARY)) {
      if (in == null) {
        throw new FileNotFoundException("the tokenizer has no " + VOCABULARY);
      }
      Files.copy(in, file);
    }
    return file;
  }

  /** Tokenizes and packs a step: whole rows. */
  IntBuffer tokens(int step) throws IOException {
    String text = Files.readString(folder.resolve(step + ".txt"));
    // There is no more than a token for each byte of UTF-8.
    IntBuffer tokens = IntBuffer.allocate(4 * text.length() + 1);
    for (String document : text.split(SEPARATOR, -1)) {
      tokens.put(Tokenize.encode(document, ENCODING)).put(END_OF_TEXT);
    }
    tokens.flip();
    return tokens.limit(tokens.limit() / ROW_TOKENS * ROW_TOKENS);
  }
}
