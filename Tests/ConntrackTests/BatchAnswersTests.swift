import Glibc
import Testing

@testable import Conntrack

@Suite(.timeLimit(.minutes(5))) struct BatchAnswersTests {
  @Test func `entries that are gone or busy do not keep the others from being deleted`() {
    var answers = BatchAnswers(last: 9)
    let taken = [(EBUSY, 3), (ENOENT, 4), (ENOENT, 5)].map { answers.take($0, to: $1) }
    #expect(taken == [true, true, true])
    #expect(!answers.isComplete)
    let end = answers.take(0, to: 9)
    #expect(end && answers.isComplete)
    #expect(answers.gone == 2)
    #expect(answers.busy == 1)
  }

  @Test(arguments: [ENOENT, EBUSY])
  func `a batch ends with the answer to its last entry, also if that is a failure`(_ code: Int32) {
    var answers = BatchAnswers(last: 9)
    let isTaken = answers.take(code, to: 9)
    #expect(isTaken && answers.isComplete)
  }

  @Test(arguments: [EPERM, EINVAL, ENOMEM])
  func `any other failure ends the batch at once`(_ code: Int32) {
    var answers = BatchAnswers(last: 9)
    let isTaken = answers.take(code, to: 1)
    #expect(!isTaken)
  }
}
